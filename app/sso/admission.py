"""Admission: may this profile enter this organization, and as whom; one unit of work decides and writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.access.roles import ADMINS, PLATFORM_ADMIN
from app.audit import service as audit
from app.connections.errors import ConnectionInactive
from app.connections.repository import Connections
from app.directories import rules
from app.kit.ids import Ids
from app.organizations.attribute_repository import AttributeMappings
from app.organizations.errors import OrganizationSuspended
from app.organizations.policy import domain_of
from app.portal import service as portal
from app.problems import Problem
from app.runtime import Runtime
from app.sessions import service as sessions
from app.sessions.flow import end_replaced
from app.sessions.repository import NewSession
from app.sso import attributes
from app.sso.errors import ConnectionMismatch, SsoDisabled
from app.sso.login_repository import Facts, Question, Repeat, facts, repeat
from app.sso.selector import Target
from app.uow import Actor
from app.users import service as users
from app.users.attributes import mapping_of
from app.users.errors import DomainNotAllowed, UserDeactivated, UserNotProvisioned
from app.users.person import Person
from app.workos.records import Profile

_COMPLETED: Final = "sso.login.completed"
_logger = log.get("sso")


@dataclass(frozen=True, slots=True)
class _Login:
    """A login that may go on; `role` is what the groups say, None where they say nothing."""

    organization: UUID
    connection: UUID
    profile: str
    person: Person
    known: Facts
    role: str | None
    is_platform: bool

    def session(self, ids: Ids, now: datetime, user: UUID, roles: tuple[str, ...]) -> tuple[NewSession, str]:
        """Return the session that this login begins, and its cookie's value."""
        return sessions.prepare(
            ids, now, user, roles=roles, policy=self.known.policy, connection=self.connection, profile=self.profile
        )

    def targets(self, session: UUID) -> list[tuple[str, UUID | str]]:
        """Return what the audit record names."""
        return [("session", session), ("connection", self.connection)]


async def admit(runtime: Runtime, target: Target, profile: Profile, *, actor: Actor, old_session: str | None) -> str:
    """Let the person of a profile in, or say precisely why not; return the new session's cookie value.

    Raises:
        ConnectionMismatch: the profile is of another organization or connection than the sign-in.
        AttributeMissing: a required attribute is missing.
        OrganizationSuspended, SsoDisabled, ConnectionInactive: switched off in the meantime.
        DomainNotAllowed, UserDeactivated, UserNotProvisioned, IdentityConflict: the person may not enter.
    """
    _require_same(target, profile)
    token = None
    login = await _examine(runtime, target, profile)
    if roles := _unchanged(login):
        token = await _repeat(runtime, login, roles, actor=actor)
        if token is None:  # something has changed since: what was known is not to be trusted again
            login = await _examine(runtime, target, profile)
    token = token or await _enter(runtime, login, actor=actor)
    if old_session is not None:
        await end_replaced(runtime, old_session, actor=actor)
    return token


def _require_same(target: Target, profile: Profile) -> None:
    if target.organization_workos_id is None or profile.organization_id != target.organization_workos_id:
        raise ConnectionMismatch
    if target.connection_workos_id is not None and profile.connection_id != target.connection_workos_id:
        raise ConnectionMismatch


async def _examine(runtime: Runtime, target: Target, profile: Profile) -> _Login:
    """Return what there is to know of a login; raises when nobody, or nobody of this domain, may sign in there now."""
    person = attributes.to_person(profile, mapping_of(target.mapping))
    organization, domain, now = target.organization_id, domain_of(person.email), runtime.clock.now()
    known = await facts(runtime.lane, Question(organization, profile.connection_id, domain, person.idp_id, now))
    if known is None or not known.active:
        raise OrganizationSuspended
    if not known.enabled:
        raise SsoDisabled
    if known.connection_id is None:
        raise ConnectionInactive  # it was active when the sign-in began (threats.md A7)
    if not known.verified and not known.policy.allow_foreign_domains:
        raise DomainNotAllowed
    if known.removed:
        raise UserDeactivated  # the directory wins, whatever the identity provider says (threats.md A12)
    if known.mirrored == "unmanaged" and not known.policy.provisions(directory_decides=known.directory_decides):
        raise UserNotProvisioned
    is_platform = target.organization_workos_id == runtime.config.platform_organization
    role = _role_by_groups(known, person, is_platform=is_platform)
    # With a synced directory the sign-in's groups say nothing (threats.md A13).
    decided = None if known.directory_decides else role
    return _Login(organization, known.connection_id, profile.id, person, known, decided, is_platform)


def _role_by_groups(known: Facts, person: Person, *, is_platform: bool) -> str:
    """Return the role that the sign-in's groups map to, by the tenant's rules."""
    by_name = rules.rules_for(is_platform=is_platform)
    if known.own_rules is not None:
        own = (rules.Rule(group, role) for group, role in known.own_rules)
        by_name = tuple(rule for rule in own if is_platform or rule.role != PLATFORM_ADMIN)
    return rules.role_of(person.groups, by_name, default=known.policy.default_role)


def _unchanged(login: _Login) -> tuple[str, ...] | None:
    """Return the roles of somebody of whom nothing is new; None when `_enter` must look closer."""
    known = login.known
    if known.stamp_due:
        return None
    return users.roles_unless_news(
        known.identified,
        login.person,
        login.role,
        default_role=known.policy.default_role,
        is_platform=login.is_platform,
        managed=known.mirrored == "active",
    )


async def _repeat(runtime: Runtime, login: _Login, roles: tuple[str, ...], *, actor: Actor) -> str | None:
    """Begin another session of somebody of whom nothing is new, together with others (speed.md).

    Returns the new session's cookie value; None when what is known of the login is no longer so.
    """
    known = login.known
    assert known.identified is not None  # noqa: S101 -- of nobody else `_unchanged` says anything
    ids, now, user = runtime.ids, runtime.clock.now(), known.identified.id
    session, token = login.session(ids, now, user, roles)
    event = audit.prepare(
        ids, now, _COMPLETED, actor=("user", user), targets=login.targets(session.id), metadata={"created": False}
    )
    again = Repeat(
        login.organization,
        domain_of(login.person.email),
        login.person.idp_id,
        known.rights_version,
        session,
        event,
        actor,
    )
    return token if await repeat(runtime.lane, again) else None


async def _enter(runtime: Runtime, login: _Login, *, actor: Actor) -> str:
    """Match, refresh or create the person and begin a session, in one unit; return its cookie value."""
    known = login.known
    async with units.hot_beginner(runtime, actor=actor)(login.organization) as uow:
        signed_in = await users.sign_in(
            uow,
            login.person,
            connection=login.connection,
            role=login.role,
            default_role=known.policy.default_role,
            is_platform=login.is_platform,
            mirrored_as=known.mirrored_as,
            managed=known.mirrored == "active",
            may_link_by_email=known.verified and not known.contested,
            may_create=known.policy.provisions(directory_decides=known.directory_decides) and not known.contested,
        )
        if signed_in.rights_changed:
            # Before this session begins: its own tokens have the roles of now.
            lowered = signed_in.lowered
            await sessions.rights_changed(uow, signed_in.user_id, signed_in.roles, lowered=lowered)
            if lowered and not ADMINS.intersection(signed_in.roles):
                await portal.revoke(uow, [signed_in.user_id])
        session, token = login.session(uow.ids, uow.now, signed_in.user_id, signed_in.roles)
        await sessions.issue(uow, session)
        if known.stamp_due:
            await Connections(uow, uow.tenant).note_login(login.connection)
        await audit.record(
            uow,
            _COMPLETED,
            actor=("user", signed_in.user_id),
            targets=login.targets(session.id),
            created=signed_in.created,
        )
    return token


async def preview(runtime: Runtime, target: Target, profile: Profile, *, actor: Actor) -> Person:
    """Return the person of a profile that may be asked whether to sign in; writes nothing but a failure.

    Raises:
        ConnectionMismatch, AttributeMissing: as `admit`.
    """
    try:
        _require_same(target, profile)
        async with units.beginner(runtime)(target.organization_id) as uow:
            written = await AttributeMappings(uow).written()
        return attributes.to_person(profile, mapping_of(written))
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
