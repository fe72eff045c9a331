"""Doors of full syncs: ask for one, watch it, read its plan, confirm or cancel it."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.directories import runs
from app.directories.endpoints import READ, Reader, Reference, require
from app.directories.schemas import SyncRequest, SyncRunShape
from app.directories.service import find
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import SyncRuns, readable
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.wire import wire
from app.problems import NotFound
from app.uow import UnitOfWork

router = APIRouter(prefix="/api/directories", tags=["directories"], dependencies=[Security(BEARER)])
Syncer = Annotated[Principal, Depends(may("directories:sync"))]
RunId = Annotated[UUID, Path(description="Our id of the run.")]
_SYNC = "directories:sync"
_FAULTS = PROBLEMS(401, 403, 404, 409, 422, 503)


@router.post("/{directory_id}/sync", operation_id="syncDirectory", summary="Sync a directory", status_code=202,
             response_model=SyncRunShape, responses=_FAULTS)  # fmt: skip
async def sync_directory(
    directory_id: Reference,
    principal: Syncer,
    units: UnitsDep,
    wanted: Annotated[SyncRequest | None, Body()] = None,
) -> Response:
    """Compare a directory with WorkOS's whole listing: apply what differs, or only plan it. One runs at a time."""
    async with units.reading(principal, _SYNC) as uow:
        known = await require(uow, directory_id)
    async with units.acting(principal, known["organization_id"]) as uow:
        home = await find(uow, known["workos_id"])
        if home is None:
            raise NotFound
        run_id = await runs.request(uow, home, mode=wanted.mode if wanted else "apply")
        run = await SyncRuns(uow).find(run_id)
    return _accepted(run)


@router.get("/{directory_id}/syncs", operation_id="listDirectorySyncs", summary="Syncs of a directory",
            response_model=List[SyncRunShape], responses=PROBLEMS(401, 403, 404, 422, 503))  # fmt: skip
async def list_syncs(
    directory_id: Reference, principal: Reader, units: UnitsDep, runtime: RuntimeDep, page: PageDep
) -> Response:
    """List the full syncs of a directory, without their plans."""
    bound_to = f"directory_syncs|{principal.organization_id}|{directory_id}"
    async with units.reading(principal, READ) as uow:
        home = await require(uow, directory_id)
        found = await readable(uow).page(home["id"], page.request(runtime.cursors, bound_to=bound_to))
    return to_response(list_answer(found, run_shape, runtime.cursors, bound_to=bound_to))


@router.get("/{directory_id}/syncs/{run_id}", operation_id="readDirectorySync", summary="A sync of a directory",
            response_model=SyncRunShape, responses=PROBLEMS(401, 403, 404, 422, 503))  # fmt: skip
async def read_sync(directory_id: Reference, run_id: RunId, principal: Syncer, units: UnitsDep) -> Response:
    """Read a full sync: progress, changes and its plan."""
    async with units.reading(principal, _SYNC) as uow:
        home = await require(uow, directory_id)
        run = await readable(uow).find(home["id"], run_id)
    if run is None:
        raise NotFound
    return to_response(json_answer(run_shape(run) | {"plan": run.plan}))


@router.post("/{directory_id}/syncs/{run_id}/confirm", operation_id="confirmDirectorySync", status_code=202,
             summary="Apply a plan or a held sync", response_model=SyncRunShape, responses=_FAULTS)  # fmt: skip
async def confirm_sync(directory_id: Reference, run_id: RunId, principal: Syncer, units: UnitsDep) -> Response:
    """Apply exactly what a plan or a held run has shown; it fails as stale where that no longer holds."""
    return await _change(directory_id, run_id, principal, units, runs.confirm)


@router.post("/{directory_id}/syncs/{run_id}/cancel", operation_id="cancelDirectorySync", status_code=202,
             summary="Cancel a sync", response_model=SyncRunShape, responses=_FAULTS)  # fmt: skip
async def cancel_sync(directory_id: Reference, run_id: RunId, principal: Syncer, units: UnitsDep) -> Response:
    """Stop a run before its next page; it changes nothing."""
    return await _change(directory_id, run_id, principal, units, runs.cancel)


async def _change(
    directory_id: str,
    run_id: UUID,
    principal: Principal,
    units: UnitsDep,
    verb: Callable[[UnitOfWork, SyncRun], Awaitable[None]],
) -> Response:
    async with units.reading(principal, _SYNC) as uow:
        home = await require(uow, directory_id)
        known = await readable(uow).find(home["id"], run_id)
    if known is None:
        raise NotFound
    async with units.acting(principal, known.organization_id) as uow:
        run = await SyncRuns(uow).find(run_id)
        if run is None:
            raise NotFound
        await verb(uow, run)
    async with units.acting(principal, known.organization_id) as uow:
        run = await SyncRuns(uow).find(run_id)
    return _accepted(run)


def _accepted(run: SyncRun | None) -> Response:
    if run is None:
        raise NotFound
    where = f"/api/directories/{run.directory_id}/syncs/{run.id}"
    return to_response(json_answer(run_shape(run), status=202, headers=[(b"location", where.encode())]))


def run_shape(run: SyncRun) -> dict[str, Any]:
    """Return a run's wire shape (contract.md), without its plan."""
    return {
        "object": "directory_sync_run",
        "id": run.id,
        "directory_id": run.directory_id,
        "mode": run.mode,
        "status": run.status,
        "progress": {
            "pages": run.pages,
            "users_seen": run.users_seen,
            "groups_seen": run.groups_seen,
            "users_expected": run.users_expected,
        },
        "changes": run.changes,
        "plan": None,
        "error": {"code": run.error_code, "detail": run.error} if run.error_code else None,
        "requested_by": run.requested_by,
        "confirmed_by": run.confirmed_by,
        "created_at": wire(run.created_at),
        "started_at": wire(run.started_at),
        "finished_at": wire(run.finished_at),
    }
