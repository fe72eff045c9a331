"""Admission: may this profile enter this organization, and as whom; one unit of work decides and writes."""

from uuid import UUID

from app import log
from app import uow as units
from app.audit import service as audit
from app.connections.errors import ConnectionInactive
from app.connections.repository import Connections
from app.directories import rules
from app.organizations.errors import OrganizationSuspended
from app.organizations.policy import domain_of
from app.problems import Problem
from app.runtime import Runtime
from app.sessions import service as sessions
from app.sessions.flow import end_replaced
from app.sso import attributes, repository
from app.sso.errors import ConnectionMismatch, SsoDisabled
from app.sso.selector import Target
from app.uow import Actor, UnitOfWork
from app.users import service as users
from app.users.errors import DomainNotAllowed
from app.users.person import Person
from app.workos.records import Profile

_logger = log.get("sso")


async def admit(runtime: Runtime, target: Target, profile: Profile, *, actor: Actor, old_session: str | None) -> str:
    """Let the person of a profile in, or say precisely why not; return the new session's cookie value.

    Raises:
        ConnectionMismatch: the profile is of another organization or connection than the sign-in.
        AttributeMissing: a required attribute is missing.
        OrganizationSuspended, SsoDisabled, ConnectionInactive: switched off in the meantime.
        DomainNotAllowed, UserDeactivated, UserNotProvisioned, IdentityConflict: the person may not enter.
    """
    _require_same(target, profile)
    person = attributes.to_person(profile)
    async with units.hot_beginner(runtime, actor=actor)(target.organization_id) as uow:
        known, connection = await _facts(uow, profile, person)
        signed_in = await _recognise(runtime, uow, target, person, known, connection)
        session, token = await sessions.issue(
            uow,
            signed_in.user_id,
            roles=signed_in.roles,
            policy=known.policy,
            connection=connection,
            profile=profile.id,
        )
        if known.stamp_due:
            await Connections(uow, uow.tenant).note_login(connection)
        if signed_in.rights_changed:
            await sessions.rights_changed(uow, signed_in.user_id, signed_in.roles)
        await audit.record(
            uow,
            "sso.login.completed",
            actor=("user", signed_in.user_id),
            targets=[("session", session), ("connection", connection)],
            created=signed_in.created,
        )
    if old_session is not None:
        await end_replaced(runtime, old_session, actor=actor)
    return token


def _require_same(target: Target, profile: Profile) -> None:
    if target.organization_workos_id is None or profile.organization_id != target.organization_workos_id:
        raise ConnectionMismatch
    if target.connection_workos_id is not None and profile.connection_id != target.connection_workos_id:
        raise ConnectionMismatch


async def _facts(uow: UnitOfWork, profile: Profile, person: Person) -> tuple[repository.Facts, UUID]:
    """Return what is known of the tenant, and the connection's id.

    Raises when nobody, or nobody of this domain, may sign in there now: as `admit`.
    """
    known = await repository.facts(uow, connection=profile.connection_id, domain=domain_of(person.email))
    if known is None or not known.active:
        raise OrganizationSuspended
    if not known.enabled:
        raise SsoDisabled
    if known.connection_id is None:
        raise ConnectionInactive  # it was active when the sign-in began (threats.md A7)
    if not known.verified and not known.policy.allow_foreign_domains:
        raise DomainNotAllowed
    return known, known.connection_id


async def _recognise(  # noqa: PLR0913, PLR0917 -- what was found out so far
    runtime: Runtime, uow: UnitOfWork, target: Target, person: Person, known: repository.Facts, connection: UUID
) -> users.SignedIn:
    is_platform = target.organization_workos_id == runtime.config.platform_organization
    role = rules.role_of(person.groups, rules.rules_for(is_platform=is_platform), default=known.policy.default_role)
    return await users.sign_in(
        uow,
        person,
        connection=connection,
        # With a synced directory the sign-in's groups say nothing (threats.md A13).
        role=None if known.directory_decides else role,
        default_role=known.policy.default_role,
        is_platform=is_platform,
        may_link_by_email=known.verified and not known.contested,
        may_create=known.policy.provisions(directory_decides=known.directory_decides) and not known.contested,
    )


async def preview(runtime: Runtime, target: Target, profile: Profile, *, actor: Actor) -> Person:
    """Return the person of a profile that may be asked whether to sign in; writes nothing but a failure.

    Raises:
        ConnectionMismatch, AttributeMissing: as `admit`.
    """
    try:
        _require_same(target, profile)
        return attributes.to_person(profile)
    except Problem as problem:
        await record_failure(runtime, target, problem, actor=actor)
        raise


async def record_failure(runtime: Runtime, target: Target, problem: Problem, *, actor: Actor) -> None:
    """Write the failed sign-in down, in a unit of its own: the one that failed was rolled back."""
    _logger.info("sso.login.failed", problem=problem.code, organization_id=str(target.organization_id))
    try:
        async with units.beginner(runtime, actor=actor)(target.organization_id) as uow:
            targets = [("connection", target.connection_id)] if target.connection_id else []
            await audit.record(uow, "sso.login.failed", targets=targets, problem=problem.code)
            if target.connection_id:
                await Connections(uow, uow.tenant).record_failure(target.connection_id, problem.code)
    except Exception:
        # The person must hear why the sign-in failed, not that we failed to note it.
        _logger.exception("sso.login.failure_unrecorded")
