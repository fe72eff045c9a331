"""`/connections`: list, one, delete; create only when the account has the connections API."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Response

from sandbox import connection_options, wire
from sandbox.access import TheWorld, require_api_key
from sandbox.certificates import add_certificate, dates_of
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
    return wire.connection(world, require(world, connection_id))


@router.delete("/{connection_id}")
async def delete_connection(world: TheWorld, connection_id: str) -> Response:
    """Delete a connection."""
    TenantControls(world, "api").remove_connection(require(world, connection_id).id)
    return Response(status_code=204)


@router.post("", status_code=201)
async def create_connection(world: TheWorld, body: JsonBody) -> dict[str, Any]:
    """Create an active connection from `saml_options` or `oidc_options`; 403 without the `connections_api` switch.

    One that has the same `external_id` is answered as it is.
    """
    require_feature(world)
    home = body.get("organization_id")
    if not isinstance(home, str):
        raise invalid("Validation failed", organization_id="required")
    if home not in world.organizations:
        raise not_found("Organization", home)
    external_id = body.get("external_id")
    for known in world.connections.values():
        if external_id is not None and (known.organization_id, known.external_id) == (home, external_id):
            return wire.connection(world, known)
    kind, options = connection_options.for_new(body)
    for pem in options.get("idp_signing_certs", ()):
        dates_of(pem, now=world.now())  # what is none, or expired, is refused before there is a connection
    controls = TenantControls(world, "api")
    made = controls.add_connection(home, body.get("name") or kind, type=kind, external_id=external_id, options=options)
    for pem in options.pop("idp_signing_certs", ()):
        add_certificate(world, made, pem)
    return wire.connection(world, made)


@router.patch("/{connection_id}")
async def update_connection(world: TheWorld, connection_id: str, body: JsonBody) -> dict[str, Any]:
    """Change a connection's name or protocol options; 403 without the `connections_api` switch."""
    require_feature(world)
    found = require(world, connection_id)
    if found.state == "deleting":
        raise Refusal(409, {"code": "connection_deletion_in_progress", "message": "The connection is being deleted."})
    options = connection_options.for_known(found.type, body, found.options)
    name = body.get("name") or found.name
    return wire.connection(world, TenantControls(world, "api").change_connection(found.id, name=name, options=options))


def require(world: World, connection_id: str) -> Connection:
    """Return a connection by WorkOS's id only; names are the control API's convenience."""
    if connection_id not in world.connections:
        raise not_found("Connection", connection_id)
    return world.connections[connection_id]


def require_feature(world: World) -> None:
    """Refuse unless the account has the connections API."""
    if not world.switches.connections_api:
        raise Refusal(403, {"code": "feature_not_enabled", "message": "The connections API is not enabled."})
