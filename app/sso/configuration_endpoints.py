"""Door of a connection's configuration: PUT /api/organizations/{id}/sso/configuration."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal
from app.connections.endpoints import shape as connection_shape
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, UnitsDep, person
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.wire import wire
from app.organizations import service as organizations
from app.portal.flow import Ask
from app.sso import configuration_flow
from app.sso.configuration_flow import Configured, Wanted
from app.sso.configuration_schemas import ConfigureSso, SsoConfigurationShape

router = APIRouter(prefix="/api/organizations", tags=["sign-in settings"], dependencies=[Security(BEARER)])
RecentConfigurer = Annotated[Principal, Depends(may("sso:configure", recent=True))]
"""Whoever may say by whom a tenant's people are let in: recently signed in (threats.md C11)."""
Reference = Annotated[str, Path(description="Organization id, ours or WorkOS's.")]
_HINT: Final = (
    "WorkOS does not tell these values by its API: they are shown beside the connection in its Dashboard, and in the"
    " Admin Portal (POST /api/portal/links, intent sso)."
)


@router.put("/{organization_id}/sso/configuration", operation_id="configureSso",
            summary="Configure single sign-on", response_model=SsoConfigurationShape,
            responses=PROBLEMS(400, 401, 403, 404, 409, 413, 415, 422, 502, 503))  # fmt: skip
async def configure(
    organization_id: Reference, body: ConfigureSso, principal: RecentConfigurer, units: UnitsDep, runtime: RuntimeDep
) -> Response:
    """Check an identity provider's values field by field, then give them to WorkOS.

    Where this WorkOS account may not configure connections by the API, the answer is an Admin Portal link, good for
    five minutes, with the values that were checked: enter them there. `client_secret` is passed on and never kept.
    """
    async with units.reading(principal, "sso:configure") as uow:
        organization = await organizations.require(uow, organization_id)
    ask = Ask("sso", body.return_url, body.success_url)
    wanted = Wanted(body.given(), body.connection, body.type, body.name, ask)
    done = await configuration_flow.configure(
        runtime, organization, wanted, actor=person(units.exchange, principal), by=principal
    )
    return to_response(json_answer({"object": "sso_configuration", "organization_id": organization.id, **_shape(done)}))


def _shape(done: Configured) -> dict[str, Any]:
    checked, made = done.checked, done.made
    ours = {
        "sp_entity_id": made and made.sp_entity_id,
        "sp_acs_url": made and made.sp_acs_url,
        "redirect_uri": made and made.redirect_uri,
    }
    needed = ("sp_entity_id", "sp_acs_url") if checked.protocol == "saml" else ("redirect_uri",)
    return {
        "protocol": checked.protocol,
        "source": checked.source,
        "outcome": "applied" if made else "portal",
        "saml": checked.shown if checked.protocol == "saml" else None,
        "oidc": checked.shown if checked.protocol == "oidc" else None,
        "warnings": [{"code": one.code, "field": one.field, "detail": one.detail} for one in done.advice],
        "connection": connection_shape(done.connection) if done.connection else None,
        "portal": done.issued and {"link": done.issued.link, "expires_at": wire(done.issued.expires_at)},
        **ours,
        "hint": None if all(ours[name] for name in needed) else _HINT,
    }
