"""Every statement over sessions, their staleness marks and break-glass tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.kit.ids import fingerprint
from app.kit.rows import Row
from app.sessions.state import SessionState, to_state
from app.uow import UnitOfWork

_TOUCH = """
select secret_hash, id, organization_id, organization_workos_id, organization_name, user_id, email, first_name,
       last_name, department, job_title, roles, rights_version, connection_id, acting_organization_id, amr, auth_time,
       created_at, expires_at, idle_expires_at
from session_touch($1, $2)
"""
_LIVE = """
select id, organization_id, organization_workos_id, organization_name, user_id, email, first_name, last_name,
       department, job_title, roles, rights_version, connection_id, acting_organization_id, amr, auth_time, created_at,
       expires_at, idle_expires_at
from session_live($1, $2)
"""
_INSERT = """
insert into sessions (id, organization_id, user_id, secret_hash, connection_id, profile_id, acting_organization_id,
                      amr, auth_time, created_at, last_seen_at, idle_seconds, expires_at, ip, user_agent)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $9, $10, $11, $12, $13)
"""
_LIST = """
select s.id, s.created_at, s.last_seen_at, s.expires_at, s.auth_time, s.ip, s.user_agent, s.connection_id
from sessions s
where s.organization_id = $1 and s.user_id = $2 and s.ended_at is null and s.expires_at > $3
  and s.last_seen_at + make_interval(secs => s.idle_seconds) > $3
order by s.last_seen_at desc, s.id limit 200
"""
_END = """
with ended as (
    update sessions set ended_at = $3, end_reason = $4
    where organization_id = $1 and ended_at is null and id = any ($2) returning id, connection_id, profile_id
), marked as (
    insert into stale_sessions (kind, value, created_at, voids) select 'sid', id::text, $3, true from ended
)
select id, connection_id, profile_id from ended
"""
_END_PEOPLE = """
with ended as (
    update sessions set ended_at = $3, end_reason = $4
    where organization_id = $1 and ended_at is null and user_id = any ($2) returning id, user_id
), marked as (
    insert into stale_sessions (kind, value, created_at, voids) select 'sid', id::text, $3, true from ended
)
select id, user_id from ended
"""
_SHORTEN = """
update sessions set expires_at = created_at + $3
where organization_id = $1 and user_id = any ($2) and ended_at is null and expires_at > created_at + $3
"""
_LIMIT = """
update sessions set idle_seconds = least(idle_seconds, $2), expires_at = least(expires_at, created_at + $3)
where organization_id = $1 and ended_at is null and (idle_seconds > $2 or expires_at > created_at + $3)
"""
_OF_USER = "select id from sessions where organization_id = $1 and user_id = $2 and ended_at is null"
_MARK = """
insert into stale_sessions (kind, value, created_at, voids) select $1, value, $3, $4 from unnest($2::text[]) as value
"""
# Sessions live on, but what was minted from them so far says too much; nothing was from one not seen for longer.
_VOID_TOKENS = """
insert into stale_sessions (kind, value, created_at, voids)
select 'sid', id::text, $3, true from sessions
where organization_id = $1 and user_id = any ($2) and ended_at is null
  and last_seen_at > $3::timestamptz - interval '20 minutes'
"""
# The marks and the oldest transaction still under way, in one snapshot: reading again from that transaction on
# misses nothing, although a later transaction may commit before an earlier one.
_FOLLOW = """
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon,
       coalesce((select array_agg(array[seq::text, kind, value]) from stale_sessions where xid >= $1), '{}') as marks
"""


# What voids is kept from when it came into the feed: that may be long after its transaction began.
_PURGE_MARKS = "delete from stale_sessions where created_at < $1 and (not voids or numbered_at < $1)"


@dataclass(frozen=True, slots=True)
class Ended:
    """A session that this statement ended."""

    id: UUID
    connection_id: UUID | None
    profile_id: str | None


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that begins; `secret_hash` is what is kept of its cookie."""

    id: UUID
    user_id: UUID
    secret_hash: bytes
    connection_id: UUID | None
    profile_id: str | None
    amr: tuple[str, ...]
    begun_at: datetime
    idle_seconds: int
    expires_at: datetime
    acting_organization_id: UUID | None = None


class Sessions:
    """Sessions of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        self._uow = uow
        self._organization = organization

    async def insert(self, new: NewSession) -> None:
        """Insert a session."""
        await fetch(
            self._uow.driver,
            _INSERT,
            new.id,
            self._organization,
            new.user_id,
            new.secret_hash,
            new.connection_id,
            new.profile_id,
            new.acting_organization_id,
            list(new.amr),
            new.begun_at,
            new.idle_seconds,
            new.expires_at,
            self._uow.actor.ip,
            self._uow.actor.user_agent,
        )

    async def binding_of(self, session: UUID) -> bytes | None:
        """Return what is kept of a session's cookie; None where there is no such session, or it has ended."""
        statement = "select secret_hash from sessions where organization_id = $1 and id = $2 and ended_at is null"
        row = await fetch_one(self._uow.driver, statement, self._organization, session)
        return None if row is None else row["secret_hash"]

    async def list_of(self, user: UUID) -> Sequence[Row]:
        """Return the person's live sessions, the most recently seen first (200 at most)."""
        return await fetch(self._uow.driver, _LIST, self._organization, user, self._uow.now)

    async def ids_of(self, user: UUID) -> list[UUID]:
        """Return the ids of the person's sessions that have not ended."""
        return [row["id"] for row in await fetch(self._uow.driver, _OF_USER, self._organization, user)]

    async def end(self, sessions: Sequence[UUID], reason: str) -> list[Ended]:
        """End these sessions and tell every process; return those that were alive."""
        rows = await fetch(self._uow.driver, _END, self._organization, list(sessions), self._uow.now, reason)
        return [Ended(row["id"], row["connection_id"], row["profile_id"]) for row in rows]

    async def end_people(self, users: Sequence[UUID], reason: str) -> list[tuple[UUID, UUID]]:
        """End every session of these people and tell every process; return (session, person) of those alive before."""
        rows = await fetch(self._uow.driver, _END_PEOPLE, self._organization, list(users), self._uow.now, reason)
        return [(row["id"], row["user_id"]) for row in rows]

    async def void_tokens(self, users: Sequence[UUID]) -> None:
        """Void what was minted so far from these people's sessions, which live on."""
        await fetch(self._uow.driver, _VOID_TOKENS, self._organization, list(users), self._uow.now)

    async def shorten(self, users: Sequence[UUID], longest: timedelta) -> None:
        """Let none of these people's sessions live longer than this from its beginning."""
        await fetch(self._uow.driver, _SHORTEN, self._organization, list(users), longest)

    async def limit(self, *, idle_seconds: int, absolute: timedelta) -> None:
        """Let no session of the tenant be idle or live longer than this; shorter ones stay as they are."""
        await fetch(self._uow.driver, _LIMIT, self._organization, idle_seconds, absolute)


async def mark_stale(uow: UnitOfWork, kind: str, *values: str, voids: bool = False) -> None:
    """Tell every process to forget what it cached of sessions (`sid`), people, tenants, keys (`sub`, `org`, `kid`).

    `voids`: tell other services too that tokens of these, minted so far, are void (revocations.py).
    """
    await fetch(uow.driver, _MARK, kind, list(values), uow.now, voids)


class SessionLookups:
    """Sessions by exact key, before the tenant is known; one statement for many callers (speed.md).

    `platform` is WorkOS's id of the one organization whose people may be platform administrators.
    """

    def __init__(self, lane: Lane, *, platform: str | None) -> None:
        self._lane = lane
        self._platform = platform

    async def touch(self, hashes: Sequence[bytes], now: datetime) -> dict[bytes, SessionState]:
        """Return the live sessions among these cookies' hashes, stamped as seen at `now`."""
        rows = await self._lane.fetch(_TOUCH, list(hashes), now)
        return {row["secret_hash"]: to_state(row, platform=self._platform) for row in rows}

    async def live(self, sids: Sequence[UUID], now: datetime) -> dict[UUID, SessionState]:
        """Return the live sessions among these ids; nothing is stamped."""
        rows = await self._lane.fetch(_LIVE, list(sids), now)
        return {row["id"]: to_state(row, platform=self._platform) for row in rows}

    async def marks_since(self, horizon: int) -> tuple[int, list[tuple[int, str, str]]]:
        """Return the new horizon and every staleness mark (seq, kind, value) of transactions since `horizon`."""
        (row,) = await self._lane.fetch(_FOLLOW, horizon)
        return row["horizon"], [(int(seq), kind, value) for seq, kind, value in row["marks"]]


class BreakGlassTokens:
    """One-use tokens of `memberpulse-auth admin-link`; they belong to no tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def insert(self, token: str, expires_at: datetime) -> None:
        """Store the hash of a new token."""
        await fetch(
            self._uow.driver,
            "insert into break_glass_tokens (token_hash, created_at, expires_at) values ($1, $2, $3)",
            fingerprint(token),
            self._uow.now,
            expires_at,
        )

    async def use(self, token: str) -> bool:
        """Use the token up; return whether it was good. One statement decides, so it works once."""
        row = await fetch_one(
            self._uow.driver,
            "update break_glass_tokens set used_at = $2"
            " where token_hash = $1 and used_at is null and expires_at > $2 returning token_hash",
            fingerprint(token),
            self._uow.now,
        )
        return row is not None


async def purge(uow: UnitOfWork, *, marks_before: datetime, sessions_before: datetime) -> None:
    """Delete what nobody needs any more: old marks, sessions long ended, used break-glass tokens."""
    await fetch(uow.driver, _PURGE_MARKS, marks_before)
    await fetch(uow.driver, "select purge_sessions($1)", sessions_before)
    await fetch(uow.driver, "delete from break_glass_tokens where expires_at < $1", marks_before)
