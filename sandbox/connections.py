"""`/connections`: list, one, delete; create only when the account has the connections API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from sandbox import wire
from sandbox.access import TheWorld, require_api_key
from sandbox.paging import AskedWindow, page
from sandbox.records import Connection
from sandbox.refusals import Refusal, invalid, not_found
from sandbox.state import World
from sandbox.tenants import TenantControls

router = APIRouter(prefix="/connections", dependencies=[Depends(require_api_key)])
JsonBody = Annotated[dict[str, Any], Body()]


@router.get("")
async def list_connections(  # noqa: PLR0913, PLR0917 - one argument per query parameter of WorkOS
    world: TheWorld,
    asked: AskedWindow,
    connection_type: str | None = None,
    domain: str | None = None,
    organization_id: str | None = None,
    search: str | None = None,
) -> dict[str, Any]:
    """List connections; every filter given must match."""
    found = [
        each
        for each in world.connections.values()
        if connection_type in (None, each.type)
        and organization_id in (None, each.organization_id)
        and (not search or search.lower() in each.name.lower())
        and (not domain or domain.lower() in {d.domain for d in world.domains_of(each.organization_id)})
    ]
    return page(world, found, asked, lambda record: wire.connection(world, record))


@router.get("/{connection_id}")
async def get_connection(world: TheWorld, connection_id: str) -> dict[str, Any]:
    """Return one connection."""
    return wire.connection(world, _require(world, connection_id))


@router.delete("/{connection_id}")
async def delete_connection(world: TheWorld, connection_id: str) -> Response:
    """Delete a connection."""
    TenantControls(world, "api").remove_connection(_require(world, connection_id).id)
    return Response(status_code=204)


@router.post("", status_code=201)
async def create_connection(world: TheWorld, body: JsonBody) -> dict[str, Any]:
    """Create a connection from `saml_options` or `oidc_options`; 403 without the `connections_api` switch."""
    _require_feature(world)
    if not isinstance(body.get("organization_id"), str):
        raise invalid("Validation failed", organization_id="required")
    if body["organization_id"] not in world.organizations:
        raise not_found("Organization", body["organization_id"])
    both = "saml_options" in body, "oidc_options" in body
    if all(both):
        raise Refusal(400, {"code": "both_saml_and_oidc_options_provided", "message": "Provide one protocol only."})
    kind = body.get("connection_type") or ("GenericOIDC" if both[1] else "GenericSAML")
    name = body.get("name") or kind
    return wire.connection(world, TenantControls(world, "api").add_connection(body["organization_id"], name, type=kind))


@router.patch("/{connection_id}")
async def update_connection(world: TheWorld, connection_id: str, body: JsonBody) -> dict[str, Any]:
    """Change a connection's name or protocol options; 403 without the `connections_api` switch."""
    _require_feature(world)
    found = _require(world, connection_id)
    return wire.connection(
        world, TenantControls(world, "api").change_connection(found.id, name=body.get("name") or found.name)
    )


def _require(world: World, connection_id: str) -> Connection:
    """By WorkOS's id only; names are the control API's convenience."""
    if connection_id not in world.connections:
        raise not_found("Connection", connection_id)
    return world.connections[connection_id]


def _require_feature(world: World) -> None:
    if not world.switches.connections_api:
        raise Refusal(403, {"code": "feature_not_enabled", "message": "The connections API is not enabled."})
