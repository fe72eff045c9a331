"""Doors of Admin Portal links: /api/portal/links."""

from typing import Annotated

from fastapi import APIRouter, Depends, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep, person
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.wire import wire
from app.organizations import service as organizations
from app.portal import flow
from app.portal.schemas import CreatePortalLink, PortalLinkShape

router = APIRouter(prefix="/api/portal", tags=["portal"], dependencies=[Security(BEARER)])
LINK = "portal:link"
Linker = Annotated[Principal, Depends(may(LINK, recent=True))]
"""Whoever may have an Admin Portal link: recently signed in (threats.md C11), for it opens the organization."""
FAULTS = PROBLEMS(400, 401, 403, 404, 409, 413, 415, 422, 502, 503)


@router.post(
    "/links",
    operation_id="createPortalLink",
    summary="An Admin Portal link",
    response_model=PortalLinkShape,
    responses=FAULTS,
)
async def create_portal_link(
    body: CreatePortalLink, principal: Linker, units: UnitsDep, runtime: RuntimeDep
) -> Response:
    """Make a link into WorkOS's Admin Portal, good for five minutes: send the browser there at once."""
    async with units.reading(principal, LINK) as uow:
        organization = await organizations.require(uow, body.organization)
    ask = flow.Ask(body.intent, body.return_url, body.success_url)
    actor = person(units.exchange, principal)
    issued = await flow.issue(runtime, organization, ask, actor=actor, by=principal)
    shown = {
        "object": "portal_link",
        "organization_id": organization.id,
        "intent": body.intent,
        "link": issued.link,
        "expires_at": wire(issued.expires_at),
    }
    return to_response(json_answer(shown))
