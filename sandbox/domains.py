"""`/organization_domains`: create, one, verify, delete."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from sandbox import wire
from sandbox.access import TheWorld, require_api_key
from sandbox.records import Domain
from sandbox.refusals import bad_request, invalid, not_found
from sandbox.state import World
from sandbox.tenants import TenantControls

router = APIRouter(prefix="/organization_domains", dependencies=[Depends(require_api_key)])


@router.post("", status_code=201)
async def create_domain(world: TheWorld, body: Annotated[dict[str, Any], Body()]) -> dict[str, Any]:
    """Add a domain, pending until it is verified. Raises 400 when anybody has it already."""
    missing = {name: "required" for name in ("domain", "organization_id") if not isinstance(body.get(name), str)}
    if missing:
        raise invalid("Validation failed", **missing)
    if body["organization_id"] not in world.organizations:
        raise not_found("Organization", body["organization_id"])
    if any(each.domain == body["domain"].lower() for each in world.domains.values()):
        raise bad_request("domain_already_exists", f"The domain {body['domain']} is already in use.")
    return wire.domain(
        TenantControls(world, "api").add_domain(body["organization_id"], body["domain"], state="pending")
    )


@router.get("/{domain_id}")
async def get_domain(world: TheWorld, domain_id: str) -> dict[str, Any]:
    """Return one domain."""
    return wire.domain(_require(world, domain_id))


@router.post("/{domain_id}/verify")
async def verify_domain(world: TheWorld, domain_id: str) -> dict[str, Any]:
    """Verify a domain; the twin finds every DNS record at once, except for one whose state is `failed`."""
    found = _require(world, domain_id)
    if found.state != "failed":
        TenantControls(world, "api").change_domain(found.id, state="verified")
    return wire.domain(found)


@router.delete("/{domain_id}")
async def delete_domain(world: TheWorld, domain_id: str) -> Response:
    """Remove a domain."""
    TenantControls(world, "api").remove_domain(_require(world, domain_id).id)
    return Response(status_code=204)


def _require(world: World, domain_id: str) -> Domain:
    """By WorkOS's id only; names are the control API's convenience."""
    if domain_id not in world.domains:
        raise not_found("Organization Domain", domain_id)
    return world.domains[domain_id]
