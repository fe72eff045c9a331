"""Doors of SSO connections and providers."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.connections.models import Connection
from app.connections.providers import DIRECTORIES, SSO
from app.connections.repository import readable
from app.connections.schemas import ConnectionShape, Providers
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.wire import wire
from app.organizations import service as organizations
from app.problems import NotFound

router = APIRouter(prefix="/api", tags=["connections"], dependencies=[Security(BEARER)])
Reader = Annotated[Principal, Depends(may("connections:read"))]
Reference = Annotated[str, Path(description="Connection id, ours or WorkOS's.")]
State = Literal["active", "inactive", "draft", "validating", "deleted"]
_PERMISSION = "connections:read"
_LISTING = "connections"


async def list_connections(  # noqa: PLR0913 -- each is a query parameter
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    page: PageDep,
    organization: Annotated[str | None, Query(max_length=256, description="Organization id, ours or WorkOS's.")] = None,
    type_: Annotated[str | None, Query(alias="type", max_length=64, description="As WorkOS names it.")] = None,
    state: Annotated[State | None, Query(description="Only connections in this state.")] = None,
) -> Response:
    """List SSO connections. POST is the documented form (empty body), GET the conventional one."""
    bound_to = f"{_LISTING}|{principal.organization_id}"
    async with units.reading(principal, _PERMISSION) as uow:
        owner = await organizations.require(uow, organization) if organization else None
        found = await readable(uow).page(
            page.request(runtime.cursors, bound_to=bound_to), organization=owner and owner.id, kind=type_, state=state
        )
    return to_response(list_answer(found, shape, runtime.cursors, bound_to=bound_to))


async def read_connection(connection_id: Reference, principal: Reader, units: UnitsDep) -> Response:
    """Read one SSO connection, by our id or WorkOS's."""
    async with units.reading(principal, _PERMISSION) as uow:
        found = await readable(uow).find(connection_id)
    if found is None:
        raise NotFound
    return to_response(json_answer(shape(found)))


for _method in ("POST", "GET"):
    _verb = {"POST": "ByPost", "GET": ""}[_method]
    router.add_api_route(
        "/auth/sso/connections",
        list_connections,
        methods=[_method],
        response_model=List[ConnectionShape],
        operation_id=f"listConnections{_verb}",
        summary="SSO connections",
        responses=PROBLEMS(401, 403, 404, 422, 503),
    )
    router.add_api_route(
        "/auth/sso/connections/{connection_id}",
        read_connection,
        methods=[_method],
        response_model=ConnectionShape,
        operation_id=f"readConnection{_verb}",
        summary="An SSO connection",
        responses=PROBLEMS(401, 403, 404, 422, 503),
    )


@router.get(
    "/providers",
    operation_id="listProviders",
    summary="Identity and directory providers",
    response_model=Providers,
    responses=PROBLEMS(401, 403, 503),
    dependencies=[Depends(may("session:own"))],
)
async def list_providers() -> Response:
    """List the providers that we can name, with protocol and set-up hints."""
    return to_response(json_answer({"object": "list", "data": [*SSO, *DIRECTORIES]}))


def shape(row: Connection) -> dict[str, Any]:
    """Return a connection's wire shape (contract.md)."""
    failed = row.last_failure_at
    return {
        "object": "connection",
        "id": row.id,
        "workos_id": row.workos_id,
        "organization_id": row.organization_id,
        "type": row.type,
        "protocol": row.protocol,
        "name": row.name,
        "state": row.state,
        "domains": row.domains,
        "certificate_expires_at": wire(row.certificate_expires_at),
        "last_login_at": wire(row.last_login_at),
        "last_failure": {"at": wire(failed), "code": row.last_failure_code} if failed else None,
        "last_test": (
            {"id": row.last_test_id, "at": wire(row.last_test_at), "status": row.last_test_status}
            if row.last_test_id
            else None
        ),
        "created_at": wire(row.created_at),
        "updated_at": wire(row.updated_at),
    }
