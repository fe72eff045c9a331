"""Verbs of sessions: issue, list, end; break-glass."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app import log
from app.access.roles import ADMINS, PLATFORM_ADMIN
from app.audit import service as audit
from app.audit.service import Deed
from app.kit.ids import Ids, fingerprint
from app.kit.rows import Row
from app.organizations.policy import ADMIN_ABSOLUTE, Policy
from app.organizations.repository import NIL
from app.sessions.errors import TokenUnknown
from app.sessions.repository import BreakGlassTokens, Ended, NewSession, Sessions, mark_stale, purge
from app.sessions.revocation_repository import void_unconnected
from app.uow import UnitOfWork

PLATFORM_USER: Final = UUID(int=1)
BREAK_GLASS_MINUTES: Final = 10
_BREAK_GLASS_IDLE = timedelta(minutes=30)
_MARKS_KEPT = timedelta(minutes=10)
_SESSIONS_KEPT = timedelta(days=30)
_logger = log.get("sessions")


def prepare(  # noqa: PLR0913 -- each is a fact that somebody else decided
    ids: Ids, now: datetime, user: UUID, *, roles: tuple[str, ...], policy: Policy, connection: UUID, profile: str
) -> tuple[NewSession, str]:
    """Return a session that begins `now`, and its cookie's value, which is kept nowhere."""
    token = ids.token()
    new = NewSession(
        id=ids.uuid(),
        user_id=user,
        secret_hash=fingerprint(token),
        connection_id=connection,
        profile_id=profile,
        amr=("sso",),
        begun_at=now,
        idle_seconds=policy.session_idle_seconds,
        expires_at=now + policy.lifetime(roles),
    )
    return new, token


async def issue(uow: UnitOfWork, new: NewSession) -> None:
    """Begin a prepared session of the unit's tenant."""
    await Sessions(uow, uow.tenant).insert(new)


async def binding_of(uow: UnitOfWork, session: UUID) -> bytes | None:
    """Return the hash of a session's cookie, by which something begun with it is bound to its browser.

    None where the unit's tenant has no such session, or it has ended.
    """
    return await Sessions(uow, uow.tenant).binding_of(session)


async def list_own(uow: UnitOfWork, user: UUID) -> Sequence[Row]:
    """Return the person's live sessions, the most recently seen first."""
    return await Sessions(uow, uow.tenant).list_of(user)


async def end(uow: UnitOfWork, sessions: Sequence[UUID], reason: str) -> list[Ended]:
    """End sessions of the unit's tenant; return those that were alive. Every process refuses them within 1 s."""
    ended = await Sessions(uow, uow.tenant).end(sessions, reason)
    for session in ended:
        await audit.record(uow, "session.ended", targets=[("session", session.id)], reason=reason)
    return ended


async def end_own(uow: UnitOfWork, user: UUID, session: UUID, reason: str) -> bool:
    """End one of the person's own sessions; return False when it is not theirs or not alive."""
    if session not in await Sessions(uow, uow.tenant).ids_of(user):
        return False
    return bool(await end(uow, [session], reason))


async def end_all(uow: UnitOfWork, user: UUID, reason: str) -> int:
    """End every session of a person; return how many were alive."""
    repository = Sessions(uow, uow.tenant)
    return len(await end(uow, await repository.ids_of(user), reason))


async def end_people(uow: UnitOfWork, users: Sequence[UUID], reason: str) -> list[UUID]:
    """End every session of these people; return, for each that was alive, whose it was."""
    ended = await Sessions(uow, uow.tenant).end_people(users, reason)
    await audit.record_many(
        uow, [Deed("session.ended", ("session", session), {"reason": reason}) for session, _ in ended]
    )
    return [user for _, user in ended]


async def void_people(uow: UnitOfWork, users: Sequence[UUID]) -> None:
    """Void every token of people who may not enter any more.

    Beside ending their sessions: one that began while they were being shut out is not among those ended.
    """
    await mark_stale(uow, "sub", *map(str, users), voids=True)


async def rights_changed(uow: UnitOfWork, user: UUID, roles: Collection[str], *, lowered: bool = False) -> None:
    """Make every process read this person's rights anew: a lowered role takes effect at once in this service.

    Who is an administrator now, by `roles`, keeps no session beyond an administrator's 12 hours. Whose rights were
    `lowered` has tokens that say too much: other services are told not to take them.
    """
    admins, lower = ([user] if given else [] for given in (ADMINS.intersection(roles), lowered))
    await rights_changed_many(uow, [user], admins=admins, lowered=lower)


async def rights_changed_many(
    uow: UnitOfWork, users: Sequence[UUID], *, admins: Sequence[UUID], lowered: Sequence[UUID]
) -> None:
    """Do for each of these people what `rights_changed` does; `admins` are those who are administrators now."""
    sessions = Sessions(uow, uow.tenant)
    if admins:
        await sessions.shorten(admins, ADMIN_ABSOLUTE)
    if lowered:
        await sessions.void_tokens(lowered)
    await mark_stale(uow, "sub", *map(str, users))


async def limit(uow: UnitOfWork, *, idle_seconds: int, absolute_seconds: int) -> None:
    """Hold every session of the unit's tenant to these lifetimes from now on; every process reads them anew."""
    absolute = timedelta(seconds=absolute_seconds)
    await Sessions(uow, uow.tenant).limit(idle_seconds=idle_seconds, absolute=absolute)
    await organization_changed(uow)


async def organization_changed(uow: UnitOfWork, *, suspended: bool = False) -> None:
    """Make every process read the sessions of the unit's tenant anew (it was renamed or suspended)."""
    await mark_stale(uow, "org", str(uow.tenant), voids=suspended)


async def connections_changed(uow: UnitOfWork) -> None:
    """Let nobody go on who came over a connection of the unit's tenant that is off now, here or at other services."""
    await void_unconnected(uow)
    await organization_changed(uow)


async def make_break_glass_token(uow: UnitOfWork) -> str:
    """Store a one-use token, good for ten minutes, in the nil organization's unit; return it."""
    token = uow.ids.token()
    await BreakGlassTokens(uow).insert(token, uow.now + timedelta(minutes=BREAK_GLASS_MINUTES))
    await audit.record(uow, "break_glass.token_made")
    return token


async def break_glass(uow: UnitOfWork, token: str, *, acting_for: UUID | None) -> tuple[UUID, str]:
    """Turn a one-use token into a platform-admin session, in the nil organization's unit.

    Raises:
        TokenUnknown: the token is unknown, used or expired.
    """
    if not await BreakGlassTokens(uow).use(token):
        _logger.warning("sessions.break_glass.refused", ip=uow.actor.ip)
        raise TokenUnknown
    cookie = uow.ids.token()
    new = NewSession(
        id=uow.ids.uuid(),
        user_id=PLATFORM_USER,
        secret_hash=fingerprint(cookie),
        connection_id=None,
        profile_id=None,
        amr=("otp",),
        begun_at=uow.now,
        idle_seconds=int(_BREAK_GLASS_IDLE.total_seconds()),
        expires_at=uow.now + ADMIN_ABSOLUTE,
        acting_organization_id=acting_for,
    )
    await Sessions(uow, NIL).insert(new)
    await audit.record(
        uow, "break_glass.used", actor=("user", PLATFORM_USER), targets=[("session", new.id)], role=PLATFORM_ADMIN
    )
    _logger.warning("sessions.break_glass.used", session_id=str(new.id), ip=uow.actor.ip)
    return new.id, cookie


async def purge_old(uow: UnitOfWork) -> None:
    """Delete staleness marks after ten minutes and sessions thirty days after their end."""
    await purge(uow, marks_before=uow.now - _MARKS_KEPT, sessions_before=uow.now - _SESSIONS_KEPT)
