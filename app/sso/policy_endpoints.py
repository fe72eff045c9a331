"""Doors of a tenant's sign-in policy: /api/organizations/{id}/sso."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Security
from fastapi.responses import Response

from app.access.guard import BEARER, may
from app.access.principal import Principal, require_operator_at_home
from app.http.answers import json_answer
from app.http.dependencies import RuntimeDep, Units, UnitsDep
from app.http.handlers import to_response
from app.http.openapi import PROBLEMS
from app.http.versions import VersionsDep, etag
from app.organizations import service as organizations
from app.organizations.models import Organization
from app.organizations.policy_repository import StoredPolicy
from app.problems import Invalid
from app.sso import policies
from app.sso.policies import PolicyChange
from app.sso.policy_schemas import ChangeSsoPolicy, SsoPolicyShape

router = APIRouter(prefix="/api/organizations", tags=["sign-in settings"], dependencies=[Security(BEARER)])
CONFIGURE: Final = "sso:configure"
Configurer = Annotated[Principal, Depends(may(CONFIGURE))]
RecentConfigurer = Annotated[Principal, Depends(may(CONFIGURE, recent=True))]
"""Whoever may change how a tenant signs in: recently signed in (threats.md C11)."""
Reference = Annotated[str, Path(description="Organization id, ours or WorkOS's.")]


@router.get("/{organization_id}/sso", operation_id="readSsoPolicy", summary="Sign-in policy",
            response_model=SsoPolicyShape, responses=PROBLEMS(401, 403, 404, 422, 503))  # fmt: skip
async def read_policy(organization_id: Reference, principal: Configurer, units: UnitsDep) -> Response:
    """Read how the people of a tenant sign in. `ETag` names the policy's version."""
    home = (await _named(organization_id, principal, units)).id
    async with units.acting(principal, home) as uow:
        found = await policies.read(uow)
    return _answer(home, found)


@router.patch("/{organization_id}/sso", operation_id="changeSsoPolicy", summary="Change the sign-in policy",
              response_model=SsoPolicyShape,
              responses=PROBLEMS(400, 401, 403, 404, 409, 412, 413, 415, 422, 503))  # fmt: skip
async def change_policy(  # noqa: PLR0913, PLR0917 -- path, body, header and three dependencies
    organization_id: Reference,
    body: ChangeSsoPolicy,
    principal: RecentConfigurer,
    units: UnitsDep,
    runtime: RuntimeDep,
    versions: VersionsDep,
) -> Response:
    """Change how the people of a tenant sign in, for everybody at once.

    Turning on `required`, or narrowing `allow_foreign_domains` or `jit_provisioning` while it is on, answers 409 with
    whom that would lock out, unless `confirm`. Another `default_role` reaches everybody who has the old one; who signed
    in without a directory and may have it by a role mapping too keeps a lower role until they sign in again, but no
    higher one. Shorter session lifetimes count for sessions that live, too.
    """
    wanted = body.wanted()
    if not wanted:
        raise Invalid("Give at least one field of the policy.")
    platform = runtime.config.platform_organization
    organization = await _named(organization_id, principal, units)
    require_operator_at_home(organization.workos_id, platform=platform, own=principal.roles)
    asked = PolicyChange(wanted, principal.roles, platform, versions, confirmed=body.confirm)
    async with units.acting(principal, organization.id) as uow:
        changed = await policies.change(uow, asked)
    return _answer(organization.id, changed)


async def _named(reference: str, principal: Principal, units: Units) -> Organization:
    async with units.reading(principal, CONFIGURE) as uow:
        return await organizations.require(uow, reference)


def _answer(home: UUID, found: StoredPolicy) -> Response:
    values = found.values()
    shown = {
        "object": "sso_policy",
        "organization_id": home,
        "default_connection": values.pop("default_connection_id"),
        **values,
        "version": found.version,
    }
    return to_response(json_answer(shown, headers=[etag(found.version)]))
