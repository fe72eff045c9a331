"""Admission: may this profile enter this organization, and as whom; one unit of work decides and writes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app import uow as units
from app.access.roles import ADMINS, PLATFORM_ADMIN
from app.audit import service as audit
from app.connections.errors import ConnectionInactive
from app.connections.repository import Connections
from app.directories import rules
from app.kit.ids import Ids
from app.organizations.errors import OrganizationSuspended
from app.organizations.policy import domain_of
from app.portal import service as portal
from app.runtime import Runtime
from app.sessions import service as sessions
from app.sessions.flow import end_replaced
from app.sessions.repository import NewSession
from app.sso import attributes
from app.sso.errors import AttributeMissing, ConnectionMismatch, SsoDisabled
from app.sso.login_repository import Facts, Question, Repeat, facts, repeat
from app.sso.selector import Target
from app.sso.trace import Trace
from app.sso.trace_repository import NewTrace, Traces
from app.uow import Actor
from app.users import service as users
from app.users.attributes import field_of, mapping_of
from app.users.errors import DomainNotAllowed, UserDeactivated, UserNotProvisioned
from app.users.person import Person
from app.workos.records import Profile

_COMPLETED: Final = "sso.login.completed"


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
    trace: Trace

    def session(self, ids: Ids, now: datetime, user: UUID, roles: tuple[str, ...]) -> tuple[NewSession, str]:
        """Return the session that this login begins, and its cookie's value."""
        return sessions.prepare(
            ids, now, user, roles=roles, policy=self.known.policy, connection=self.connection, profile=self.profile
        )

    def kept(self, user: UUID) -> NewTrace:
        """Return the attempt as it is written down once it has led to a session of this person."""
        return NewTrace(
            "completed", "session", None, self.connection, user, None, self.trace.began_at, self.trace.details()
        )

    def targets(self, session: UUID) -> list[tuple[str, UUID | str]]:
        """Return what the audit record names."""
        return [("session", session), ("connection", self.connection)]


async def admit(  # noqa: PLR0913 -- who, where, and what comes of it
    runtime: Runtime, target: Target, profile: Profile, *, actor: Actor, old_session: str | None, trace: Trace
) -> str:
    """Let the person of a profile in, or say precisely why not; return the new session's cookie value.

    `trace` is told each step before it is taken, and is kept with the session that it led to.

    Raises:
        ConnectionMismatch: the profile is of another organization or connection than the sign-in.
        AttributeMissing: a required attribute is missing.
        OrganizationSuspended, SsoDisabled, ConnectionInactive: switched off in the meantime.
        DomainNotAllowed, UserDeactivated, UserNotProvisioned, IdentityConflict: the person may not enter.
    """
    token = None
    login = await _examine(runtime, target, profile, trace)
    if roles := _unchanged(login):
        token = await _repeat(runtime, login, roles, actor=actor)
        if token is None:  # something has changed since: what was known is not to be trusted again
            login = await _examine(runtime, target, profile, trace)
    token = token or await _enter(runtime, login, actor=actor)
    if old_session is not None:
        await end_replaced(runtime, old_session, actor=actor)
    return token


def described(target: Target, profile: Profile, trace: Trace) -> Person:
    """Return the person whom a profile describes, if it is of the connection that the sign-in was started for.

    Raises:
        ConnectionMismatch, AttributeMissing: as `admit`.
    """
    trace.step = "profile"
    _require_same(target, profile)
    trace.step, trace.profile = "attributes", profile  # of another tenant's profile nothing is kept here
    mapping = mapping_of(target.mapping)
    try:
        trace.person = attributes.to_person(profile, mapping)
    except AttributeMissing:
        trace.email = field_of(profile.attributes, mapping, "email")
        raise
    trace.email = trace.person.email
    return trace.person


def _require_same(target: Target, profile: Profile) -> None:
    if target.organization_workos_id is None or profile.organization_id != target.organization_workos_id:
        raise ConnectionMismatch
    if target.connection_workos_id is not None and profile.connection_id != target.connection_workos_id:
        raise ConnectionMismatch


async def _examine(runtime: Runtime, target: Target, profile: Profile, trace: Trace) -> _Login:
    """Return what there is to know of a login; raises when nobody, or nobody of this domain, may sign in there now."""
    person = described(target, profile, trace)
    trace.step = "access"
    organization, domain, now = target.organization_id, domain_of(person.email), runtime.clock.now()
    known = await facts(runtime.lane, Question(organization, profile.connection_id, domain, person.idp_id, now))
    if known is None or not known.active:
        raise OrganizationSuspended
    trace.user = known.identified.id if known.identified else known.mirrored_as
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
    trace.role = None if known.directory_decides else role
    return _Login(organization, known.connection_id, profile.id, person, known, trace.role, is_platform, trace)


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
        login.trace.began_at,
        login.trace.details(),
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
            # Whose first sign-in makes them an administrator is told: no other event says so.
            **({"roles": signed_in.roles} if signed_in.created else {}),
        )
        await Traces(uow).append(login.kept(signed_in.user_id))
    return token
