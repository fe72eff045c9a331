"""Doors of service clients: /api/service-clients, for platform administrators."""

from datetime import timedelta
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.clients import service
from app.clients.repository import ServiceClients
from app.clients.schemas import (
    CreateServiceClient,
    RotateServiceClient,
    ServiceClientShape,
    ServiceClientWithSecret,
)
from app.http.answers import Answer, json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.pagination import PageDep, list_answer
from app.http.schemas import List
from app.http.wire import wire
from app.kit.rows import Row
from app.problems import NotFound
from app.uow import PLATFORM, UnitOfWork

router = APIRouter(prefix="/api/service-clients", tags=["service clients"], dependencies=[Security(BEARER)])
Manager = Annotated[Principal, Depends(may("clients:manage"))]
RecentManager = Annotated[Principal, Depends(may("clients:manage", recent=True))]
ClientId = Annotated[UUID, Path(description="Service client id.")]
_LIST: Final = "service_clients"


@router.get(
    "",
    operation_id="listServiceClients",
    summary="Service clients",
    response_model=List[ServiceClientShape],
    responses=PROBLEMS(401, 403, 422, 503),
)
async def list_service_clients(principal: Manager, units: UnitsDep, runtime: RuntimeDep, page: PageDep) -> Response:
    """List the backend services that have credentials, the newest first; those of SERVICE_CLIENTS are not here."""
    async with units.acting(principal, PLATFORM) as uow:
        clients = ServiceClients(uow)
        found = await clients.page(page.request(runtime.cursors, bound_to=_LIST))
        secrets = await clients.secrets_of([line.id for line in found.rows])
    return to_response(
        list_answer(found, lambda line: _shape(line.row, secrets[line.id]), runtime.cursors, bound_to=_LIST)
    )


@router.post(
    "",
    operation_id="createServiceClient",
    summary="Create a service client",
    response_model=ServiceClientWithSecret,
    status_code=201,
    responses=PROBLEMS(400, 401, 403, 413, 415, 422, 503),
)
async def create_service_client(body: CreateServiceClient, principal: RecentManager, units: UnitsDep) -> Response:
    """Make credentials for a backend service. The secret is in this answer and nowhere else."""
    async with units.acting(principal, PLATFORM) as uow:
        client, secret = await service.create(uow, name=body.name, scopes=body.scopes)
        shown = {**await _shown(uow, client), "secret": secret}
    location = (b"location", f"/api/service-clients/{client}".encode("ascii"))
    return to_response(json_answer(shown, status=201, headers=[location]))


@router.get(
    "/{client_id}",
    operation_id="readServiceClient",
    summary="A service client",
    response_model=ServiceClientShape,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_service_client(client_id: ClientId, principal: Manager, units: UnitsDep) -> Response:
    """Read a client: what it may do, which secrets are in force, and when each was last used."""
    async with units.acting(principal, PLATFORM) as uow:
        shown = await _shown(uow, client_id)
    return to_response(json_answer(shown))


@router.delete(
    "/{client_id}",
    operation_id="revokeServiceClient",
    summary="Revoke a service client",
    status_code=204,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def revoke_service_client(client_id: ClientId, principal: RecentManager, units: UnitsDep) -> Response:
    """End it with all its secrets: every process refuses it within a second."""
    async with units.acting(principal, PLATFORM) as uow:
        await service.revoke(uow, client_id)
    return to_response(Answer(204))


@router.post(
    "/{client_id}/rotate",
    operation_id="rotateServiceClient",
    summary="Give a service client a new secret",
    response_model=ServiceClientWithSecret,
    responses=PROBLEMS(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def rotate_service_client(
    client_id: ClientId, principal: RecentManager, units: UnitsDep, body: RotateServiceClient | None = None
) -> Response:
    """Old secrets stay good for the overlap: put the new one everywhere meanwhile, and see by their last use when."""
    overlap = timedelta(seconds=(body or RotateServiceClient()).overlap_seconds)  # pyright: ignore[reportCallIssue]  # the default stands in Field
    async with units.acting(principal, PLATFORM) as uow:
        secret = await service.rotate(uow, client_id, overlap=overlap)
        shown = {**await _shown(uow, client_id), "secret": secret}
    return to_response(json_answer(shown))


async def _shown(uow: UnitOfWork, client: UUID) -> dict[str, Any]:
    clients = ServiceClients(uow)
    found = await clients.find(client)
    if found is None:
        raise NotFound
    return _shape(found, (await clients.secrets_of([client]))[client])


def _shape(client: Row, secrets: list[Row]) -> dict[str, Any]:
    used = [secret["last_used_at"] for secret in secrets if secret["last_used_at"] is not None]
    return {
        "object": "service_client",
        "id": client["id"],
        "name": client["name"],
        "scopes": client["scopes"],
        "secrets": [_secret_shape(secret) for secret in secrets],
        "last_used_at": wire(max(used, default=None)),
        "created_at": wire(client["created_at"]),
    }


def _secret_shape(secret: Row) -> dict[str, Any]:
    return {
        "id": secret["id"],
        "last_four": secret["last_four"],
        "created_at": wire(secret["created_at"]),
        "expires_at": wire(secret["expires_at"]),
        "last_used_at": wire(secret["last_used_at"]),
    }
