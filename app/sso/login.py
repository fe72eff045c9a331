"""Login: what there is to know of a profile that wants in, and what stands in its way; nothing is written here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access.roles import PLATFORM_ADMIN
from app.connections.errors import ConnectionInactive
from app.directories import rules
from app.kit.ids import Ids
from app.organizations.errors import OrganizationSuspended
from app.organizations.policy import domain_of
from app.problems import Problem
from app.runtime import Runtime
from app.sessions import service as sessions
from app.sessions.repository import NewSession
from app.sso import attributes
from app.sso.errors import AttributeMissing, ConnectionMismatch, SsoDisabled
from app.sso.login_repository import Facts, Question, facts
from app.sso.selector import Target
from app.sso.trace import Trace
from app.sso.trace_repository import NewTrace
from app.uow import UnitOfWork
from app.users import service as users
from app.users.attributes import REQUIRED, field_of, mapping_of
from app.users.errors import DomainNotAllowed, UserDeactivated, UserNotProvisioned
from app.users.person import Person
from app.users.service import SignedIn
from app.workos.records import Profile


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who wants in; `role` is what the groups say, None where they say nothing."""

    organization: UUID
    connection: UUID | None
    profile: str
    person: Person
    known: Facts
    role: str | None
    is_platform: bool
    trace: Trace

    @property
    def provisions(self) -> bool:
        """Return whether a sign-in may make somebody here of whom nothing is known."""
        known = self.known
        return known.policy.provisions(directory_decides=known.directory_decides) and not known.contested

    def session(self, ids: Ids, now: datetime, user: UUID, roles: tuple[str, ...]) -> tuple[NewSession, str]:
        """Return the session that this login begins, and its cookie's value."""
        assert self.connection is not None  # noqa: S101 -- the connection that told of the person
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
        return [("session", session), ("connection", str(self.connection))]


def described(target: Target, profile: Profile, trace: Trace) -> Person:
    """Return the person whom a profile describes, if it is of the connection that the sign-in was started for.

    Raises:
        ConnectionMismatch: the profile is of another organization or connection than the sign-in.
        AttributeMissing: a required attribute is missing.
    """
    trace.step = "profile"
    _require_same(target, profile)
    trace.step, trace.profile = "attributes", profile  # of another tenant's profile nothing is kept here
    mapping = mapping_of(target.mapping)
    try:
        trace.person = attributes.to_person(profile, mapping)
    except AttributeMissing:
        trace.email = field_of(profile.attributes, mapping, "email")
        trace.missing = next((name for name in REQUIRED if not field_of(profile.attributes, mapping, name)), None)
        trace.mapping = target.mapping
        raise
    trace.email = trace.person.email
    return trace.person


def _require_same(target: Target, profile: Profile) -> None:
    if target.organization_workos_id is None or profile.organization_id != target.organization_workos_id:
        raise ConnectionMismatch
    if target.connection_workos_id is not None and profile.connection_id != target.connection_workos_id:
        raise ConnectionMismatch


async def look(runtime: Runtime, target: Target, profile: Profile, trace: Trace) -> Login:
    """Return what there is to know of a login, whether or not anything stands in its way.

    Raises:
        ConnectionMismatch, AttributeMissing: as `described`.
        OrganizationSuspended: there is no such organization.
    """
    return await learn(runtime, target, described(target, profile, trace), profile.connection_id, trace)


async def learn(runtime: Runtime, target: Target, person: Person, connection_workos_id: str, trace: Trace) -> Login:
    """Return what there is to know of a login of this person by this connection; raises OrganizationSuspended."""
    trace.step = "access"
    organization, domain, now = target.organization_id, domain_of(person.email), runtime.clock.now()
    known = await facts(runtime.lane, Question(organization, connection_workos_id, domain, person.idp_id, now))
    if known is None:
        raise OrganizationSuspended
    trace.user = known.identified.id if known.identified else known.mirrored_as
    is_platform = target.organization_workos_id == runtime.config.platform_organization
    # With a synced directory the sign-in's groups say nothing (threats.md A13).
    trace.role = None if known.directory_decides else _role_by_groups(known, person, is_platform=is_platform)
    connection = known.connection_id or target.connection_id
    return Login(organization, connection, person.profile_id, person, known, trace.role, is_platform, trace)


def hindrances(known: Facts) -> Iterator[type[Problem]]:
    """Yield why nobody, or nobody of this domain, or not this person, may sign in now; nothing where they may."""
    if not known.active:
        yield OrganizationSuspended
    if not known.enabled:
        yield SsoDisabled
    if known.connection_id is None:
        yield ConnectionInactive  # it was active when the sign-in began (threats.md A7)
    if not known.verified and not known.policy.allow_foreign_domains:
        yield DomainNotAllowed
    if known.removed:
        yield UserDeactivated  # the directory wins, whatever the identity provider says (threats.md A12)
    if known.mirrored == "unmanaged" and not known.policy.provisions(directory_decides=known.directory_decides):
        yield UserNotProvisioned


def is_by_default(login: Login) -> bool:
    """Return whether the sign-in's groups decide the role, and no rule is for one of them."""
    by_name = _rules(login.known, is_platform=login.is_platform)
    return login.role is not None and not any(rule.group in login.person.groups for rule in by_name)


def _role_by_groups(known: Facts, person: Person, *, is_platform: bool) -> str:
    """Return the role that the sign-in's groups map to, by the tenant's rules."""
    by_name = _rules(known, is_platform=is_platform)
    return rules.role_of(person.groups, by_name, default=known.policy.default_role)


def _rules(known: Facts, *, is_platform: bool) -> tuple[rules.Rule, ...]:
    """Return the rules that a sign-in's groups are held against."""
    by_name = rules.rules_for(is_platform=is_platform)
    if known.own_rules is not None:
        own = (rules.Rule(group, role) for group, role in known.own_rules)
        by_name = tuple(rule for rule in own if is_platform or rule.role != PLATFORM_ADMIN)
    return by_name


def unchanged(login: Login) -> tuple[str, ...] | None:
    """Return the roles of somebody of whom nothing is new; None when `sign_in` must look closer."""
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


async def sign_in(uow: UnitOfWork, login: Login) -> SignedIn:
    """Match, refresh or create the person, in the unit of the login's tenant; raises as `users.sign_in`."""
    known = login.known
    assert login.connection is not None  # noqa: S101 -- the connection that told of the person
    return await users.sign_in(
        uow,
        login.person,
        connection=login.connection,
        role=login.role,
        default_role=known.policy.default_role,
        is_platform=login.is_platform,
        mirrored_as=known.mirrored_as,
        managed=known.mirrored == "active",
        may_link_by_email=known.verified and not known.contested,
        may_create=login.provisions,
    )
