"""Door of "Add directory": the way into WorkOS's Admin Portal, where a directory is connected."""

from fastapi import APIRouter, Security
from fastapi.responses import Response

from app.access.guard import BEARER
from app.connections.providers import directory_provider
from app.directories.schemas import AddDirectory, DirectorySetUp
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep, person
from app.http.handlers import to_response
from app.http.wire import wire
from app.organizations import service as organizations
from app.portal import flow
from app.portal.endpoints import FAULTS, LINK, Linker

router = APIRouter(prefix="/api/directories", tags=["directories"], dependencies=[Security(BEARER)])


@router.post(
    "",
    operation_id="addDirectory",
    summary="Add a directory",
    response_model=DirectorySetUp,
    responses=FAULTS,
)
async def add_directory(body: AddDirectory, principal: Linker, units: UnitsDep, runtime: RuntimeDep) -> Response:
    """Make a link into the Admin Portal and tell the provider's steps. The directory appears here once it is connected.

    WorkOS shows the SCIM URL and bearer token in the portal; they never pass through this API.
    """
    async with units.reading(principal, LINK) as uow:
        organization = await organizations.require(uow, body.organization)
    ask = flow.Ask("dsync", body.return_url, body.success_url, provider=body.provider)
    actor = person(units.exchange, principal)
    issued = await flow.issue(runtime, organization, ask, actor=actor, by=principal)
    provider = directory_provider(body.provider)
    shown = {
        "object": "directory_set_up",
        "organization_id": organization.id,
        "provider": provider,
        "link": issued.link,
        "expires_at": wire(issued.expires_at),
        "steps": provider["steps"],
    }
    return to_response(json_answer(shown))
