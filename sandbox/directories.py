"""`/directories`: list, one, delete, and the sync request that WorkOS offers for Google Workspace only."""

import math
from typing import Any

from fastapi import APIRouter, Depends, Response

from sandbox import wire
from sandbox.access import TheWorld, require_api_key
from sandbox.paging import AskedWindow, page
from sandbox.records import Directory
from sandbox.refusals import Refusal, not_found
from sandbox.state import World
from sandbox.tenants import TenantControls

router = APIRouter(prefix="/directories", dependencies=[Depends(require_api_key)])
SYNCED_STATES = frozenset({"linked", "validating"})
SYNC_COOLDOWN_SECONDS = 300


@router.get("")
async def list_directories(
    world: TheWorld,
    asked: AskedWindow,
    organization_id: str | None = None,
    search: str | None = None,
    domain: str | None = None,
) -> dict[str, Any]:
    """List directories; every filter given must match."""
    found = [
        each
        for each in world.directories.values()
        if organization_id in (None, each.organization_id)
        and (not search or search.lower() in each.name.lower())
        and (
            not domain or domain == each.domain or domain in {d.domain for d in world.domains_of(each.organization_id)}
        )
    ]
    return page(world, found, asked, lambda record: wire.directory(world, record))


@router.get("/{directory_id}")
async def get_directory(world: TheWorld, directory_id: str) -> dict[str, Any]:
    """Return one directory."""
    return wire.directory(world, require_directory(world, directory_id))


@router.delete("/{directory_id}")
async def delete_directory(world: TheWorld, directory_id: str) -> Response:
    """Delete a directory; WorkOS answers 202, for the work goes on behind."""
    TenantControls(world, "api").remove_directory(require_directory(world, directory_id).id)
    return Response(status_code=202)


@router.post("/{directory_id}/sync", status_code=202)
async def sync_directory(world: TheWorld, directory_id: str) -> dict[str, str]:
    """Queue a sync of a Google Workspace directory, once in five minutes; 422 for every other type or state."""
    found = require_directory(world, directory_id)
    if found.type != "gsuite directory" or found.state not in SYNCED_STATES:
        body = {
            "code": "directory_sync_unsupported",
            "message": "Manual sync is for linked Google Workspace directories.",
        }
        raise Refusal(422, body)
    passed = world.now() - world.directory_syncs.get(found.id, -SYNC_COOLDOWN_SECONDS)
    if passed < world.switches.sync_seconds:
        raise Refusal(409, {"code": "directory_sync_in_progress", "message": "A sync of this directory is at work."})
    if passed < SYNC_COOLDOWN_SECONDS:
        raise _too_soon(math.ceil(SYNC_COOLDOWN_SECONDS - passed))
    world.directory_syncs[found.id] = world.now()
    return {"status": "queued"}


def _too_soon(wait: int) -> Refusal:
    message = "A sync of this directory was asked for less than five minutes ago."
    body = {"code": "directory_sync_rate_limited", "message": message, "retry_after_seconds": wait}
    return Refusal(429, body, {"Retry-After": str(wait)})


def require_directory(world: World, directory_id: str) -> Directory:
    """Return a directory by WorkOS's id; 404 when there is none."""
    if directory_id not in world.directories:
        raise not_found("Directory", directory_id)
    return world.directories[directory_id]
