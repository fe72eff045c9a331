"""Door of integration health: /api/integrations/workos/status."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Security
from fastapi.responses import Response

from app import uow as units_of_work
from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.wire import wire
from app.organizations import service as organizations
from app.status import health
from app.status.health import Health
from app.status.reading import shown
from app.status.schemas import IntegrationStatus
from app.status.watching import configured

router = APIRouter(prefix="/api/integrations/workos", tags=["status"], dependencies=[Security(BEARER)])
_READ = "status:read"
Reader = Annotated[Principal, Depends(may(_READ))]


@router.get(
    "/status",
    operation_id="readIntegrationStatus",
    summary="Does the integration with WorkOS work?",
    response_model=IntegrationStatus,
    responses=PROBLEMS(401, 403, 404, 422, 503),
)
async def read_status(
    principal: Reader,
    units: UnitsDep,
    runtime: RuntimeDep,
    organization: Annotated[
        str | None,
        Query(
            pattern=r"^[A-Za-z0-9_-]{1,128}$",
            description="Of this organization only, ours or WorkOS's id.",
            examples=["org_01ACME"],
        ),
    ] = None,
) -> Response:
    """Say of everything that must work whether it does, since when, why, and what to do.

    A client admin is told of their own organization: its events, directories, connections and certificates. A platform
    admin is told of the platform and of all organizations, or of one. Nothing is asked of WorkOS meanwhile.
    """
    in_force = configured(runtime.config, runtime.in_force.now)
    async with units.reading(principal, _READ) as uow:
        named = (await organizations.require(uow, organization)).id if organization else uow.organization
        found = await health.of_one(uow, in_force, named)
    if found.changed:
        async with units_of_work.beginner(runtime)(found.organization) as uow:
            await health.keep(uow, found)
    return to_response(json_answer(shape(found, named)))


def shape(found: Health, organization: UUID | None) -> dict[str, Any]:
    """Return the wire shape (contract.md)."""
    return {
        "status": found.status,
        "checked_at": wire(found.at),
        "organization_id": organization,
        "indicators": [
            {
                "name": name,
                "status": reading.status,
                "since": wire(found.marks[name].since),
                "evidence": reading.evidence,
                "remedy": reading.remedy,
                "objects": [shown(one) for one in reading.objects],
            }
            for name, reading in found.readings.items()
        ],
    }
