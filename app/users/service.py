"""Verbs of people: match, provision, refresh."""

from dataclasses import dataclass
from uuid import UUID

from app.access.roles import PLATFORM_ADMIN, lowers
from app.audit import service as audit
from app.uow import UnitOfWork
from app.users.errors import IdentityConflict, UserDeactivated, UserNotProvisioned
from app.users.person import Person, fold
from app.users.repository import Known, Users


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and with which roles."""

    user_id: UUID
    roles: tuple[str, ...]
    created: bool
    rights_changed: bool
    lowered: bool = False
    """They have lost a role and gained none above it."""


async def sign_in(  # noqa: PLR0913 -- each is a fact that somebody else decided
    uow: UnitOfWork,
    person: Person,
    *,
    connection: UUID,
    role: str | None,
    default_role: str,
    is_platform: bool,
    mirrored_as: UUID | None = None,
    managed: bool = False,
    may_link_by_email: bool,
    may_create: bool,
) -> SignedIn:
    """Match, refresh or create the person behind a sign-in, always inside the unit's organization.

    The order is contract.md's: identity, then whom a directory knows by the `idp_id`, then the one candidate with the
    same e-mail if its domain is verified.

    Args:
        uow: a unit of the tenant.
        person: who they are according to the identity provider.
        connection: through which connection.
        role: the role that their groups map to; it replaces the mapped role of before. None where a directory
            decides: then the mapped role stays.
        default_role: what a new person gets where `role` is None.
        is_platform: whether this is the one organization whose people may be platform administrators.
        mirrored_as: whom a directory of the tenant knows by this `idp_id`.
        managed: a directory lets this person in, so it, and not the sign-in, says what they are called.
        may_link_by_email: whether the e-mail's domain is verified for this organization and no other.
        may_create: whether the policy lets a sign-in create people.

    Raises:
        UserDeactivated: the person's access was removed, or that of somebody with their address.
        UserNotProvisioned: nobody is known and the policy creates nobody.
        IdentityConflict: several people carry this e-mail address.
    """
    users = Users(uow, uow.tenant)
    known = await _match(users, person, connection, mirrored_as, by_email=may_link_by_email)
    if known is None:
        if not may_create:
            raise UserNotProvisioned
        await users.lock_address(person.email)
        mirrored_as = await users.mirrored_as(person.idp_id)
        known = await _match(users, person, connection, mirrored_as, by_email=may_link_by_email)
    created = known is None
    role = role or _kept(known, default_role, is_platform=is_platform)
    if known is None:
        if await users.was_removed(person.email):
            raise UserDeactivated  # a new `idp_id` must not bring back who was removed (contract.md, tombstones)
        known = await users.insert(person, role)
    elif known.state != "active":
        raise UserDeactivated
    else:
        await _refresh(uow, users, known, person, role, managed=managed or mirrored_as == known.id)
    owner = await users.link(known.id, connection, person)
    if owner != known.id and created:
        # Two first sign-ins of one person arrived together: the other one's row wins, ours never existed.
        await users.remove_orphan(known.id)
    rights_changed = not created and known.mapped_role != role
    if rights_changed:
        await audit.record(uow, "user.role_changed", targets=[("user", owner)], role=role, before=known.mapped_role)
    roles = _effective(role, known.manual_roles)
    lowered = rights_changed and lowers(_effective(known.mapped_role, known.manual_roles), roles)
    return SignedIn(owner, roles, created and owner == known.id, rights_changed, lowered)


def roles_unless_news(  # noqa: PLR0913 -- the arguments of `sign_in`
    known: Known | None,
    person: Person,
    role: str | None,
    *,
    default_role: str,
    is_platform: bool,
    managed: bool = False,
) -> tuple[str, ...] | None:
    """Return the roles of a known, active person of whom a sign-in says nothing new; None when `sign_in` must decide.

    The arguments are those of `sign_in`.
    """
    if known is None or known.state != "active":
        return None
    role = role or _kept(known, default_role, is_platform=is_platform)
    news = known.mapped_role != role if managed else known.differs(person, role)
    return None if news else _effective(role, known.manual_roles)


def _kept(known: Known | None, default_role: str, *, is_platform: bool) -> str:
    """Return the mapped role of before, unless this organization may not grant it (any more)."""
    if known is None or (known.mapped_role == PLATFORM_ADMIN and not is_platform):
        return default_role
    return known.mapped_role


async def _match(
    users: Users, person: Person, connection: UUID, mirrored_as: UUID | None, *, by_email: bool
) -> Known | None:
    known = await users.by_identity(connection, person.idp_id)
    if known is None and mirrored_as is not None:
        known = await users.by_id(mirrored_as)
    return await _one_candidate(users, person) if known is None and by_email else known


async def _one_candidate(users: Users, person: Person) -> Known | None:
    candidates = await users.by_email(person.email)
    if len(candidates) > 1:
        raise IdentityConflict
    return candidates[0] if candidates else None


async def _refresh(  # noqa: PLR0913 -- each is a fact that somebody else decided
    uow: UnitOfWork, users: Users, known: Known, person: Person, role: str, *, managed: bool
) -> None:
    if managed:
        if known.mapped_role != role:
            await users.set_role(known.id, role)
        return
    if fold(known.email or "") != fold(person.email):
        # An address is an attribute: it may change, and it may be somebody else's already (threats.md A10).
        others = [other for other in await users.by_email(person.email) if other.id != known.id]
        await audit.record(
            uow,
            "user.email_changed",
            targets=[("user", known.id), *(("user", other.id) for other in others)],
            conflict=bool(others),
        )
    if known.differs(person, role):
        await users.refresh(known.id, person, role)


def _effective(role: str, manual: tuple[str, ...]) -> tuple[str, ...]:
    return (role, *(other for other in manual if other != role))
