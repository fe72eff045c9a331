"""Issuing an Admin Portal link: from WorkOS's answer to one unit of work that says so."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app import uow as units
from app.access.errors import NotPermitted
from app.access.principal import Principal, require_operator_at_home
from app.audit import service as audit
from app.organizations.models import Organization
from app.portal import service
from app.portal.errors import OrganizationNotLinked
from app.portal.returning import require_ours
from app.rates import rules
from app.runtime import Runtime
from app.uow import Actor
from app.workos.gateway import PortalIntent

_LIFETIME = timedelta(minutes=5)  # WorkOS's (workos.com/docs/admin-portal); its answer does not tell


@dataclass(frozen=True, slots=True)
class Ask:
    """What a link is for and where the portal leads back to; `provider` is told to the audit record."""

    intent: PortalIntent
    return_url: str | None = None
    success_url: str | None = None
    provider: str | None = None


@dataclass(frozen=True, slots=True)
class Issued:
    """A link that whoever asked may see, once. Its `repr` does not show it."""

    link: str = field(repr=False)
    expires_at: datetime


async def issue(runtime: Runtime, organization: Organization, ask: Ask, *, actor: Actor, by: Principal) -> Issued:
    """Return a new Admin Portal link of an organization that `by`, who is the actor, may administer.

    Who made it is noted before there is a link and looked at again afterwards: whoever is shut out meanwhile has none.

    Raises:
        NotPermitted: the actor is an administrator no more, or no operator where operators belong.
        PortalReturnNotAllowed: an address is not ours.
        OrganizationNotLinked: there is no such organization at WorkOS.
        RateLimited: the actor has had ten links within a minute.
        UpstreamNotFound: WorkOS does not know it any more.
        UpstreamUnavailable, UpstreamRefused, UpstreamInvalidResponse, SettingsIncomplete: WorkOS could not be asked.
    """
    platform, home = runtime.config.platform_organization, by.home_organization_id
    require_operator_at_home(organization.workos_id, platform=platform, own=by.roles)
    origins = runtime.config.portal_origins
    require_ours("return_url", ask.return_url, origins)
    require_ours("success_url", ask.success_url, origins)
    if organization.workos_id is None:
        raise OrganizationNotLinked
    await runtime.rates.require(rules.PORTAL_LINKS, actor.id)
    async with units.beginner(runtime, actor=actor)(home) as uow:
        await service.note_visit(uow, UUID(actor.id), organization.workos_id)
        asked_at = uow.now
    made = await runtime.workos.portal_link(
        organization=organization.workos_id,
        intent=ask.intent,
        external_user_id=actor.id,
        return_url=ask.return_url,
        success_url=ask.success_url,
    )
    if not await _record(runtime, organization, ask, made.url, actor, home):
        raise NotPermitted
    return Issued(made.url, asked_at + _LIFETIME)


async def _record(  # noqa: PLR0913, PLR0917 -- what happened, and who did it
    runtime: Runtime, organization: Organization, ask: Ask, link: str, actor: Actor, home: UUID
) -> bool:
    """Write down that there is a link, before anybody has it. Its hash tells later which one; it opens nothing.

    Returns whether the actor may have it.
    """
    told: dict[str, Any] = {"intent": ask.intent, "link_sha256": hashlib.sha256(link.encode()).hexdigest()}
    if ask.provider is not None:
        told["provider"] = ask.provider
    async with units.beginner(runtime, actor=actor)(organization.id) as uow:
        await audit.record(uow, "portal.link.created", targets=[("organization", organization.id)], **told)
        own = await units.enter(uow, home)
        return await service.confirm_visit(own, UUID(actor.id), str(organization.workos_id))
