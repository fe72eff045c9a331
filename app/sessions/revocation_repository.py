"""The statements by which what is void gets its place in the feed, and by which the feed is read."""

from collections.abc import Sequence
from datetime import datetime

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.kit.rows import Row
from app.uow import UnitOfWork

_LOOK = """
select f.last, exists (select 1 from stale_sessions where voids and position is null) as due
from revocation_feeds f where f.id = 1
"""
_LOCK = "select last from revocation_feeds where id = 1 for update"
_PLACE = """
with due as (
    -- So many at once that the statement stays short; the next look goes on.
    select seq, row_number() over (order by seq) as rank from stale_sessions where voids and position is null
    order by seq limit 20000
)
update stale_sessions s set position = $1 + due.rank from due where s.seq = due.seq
"""
_STAMP = "update stale_sessions set numbered_at = $2 where position > $1"
_ADVANCE = """
update revocation_feeds set last = coalesce((select max(position) from stale_sessions where position > $1), $1)
where id = 1 returning last
"""
_SINCE = """
select position, kind, value, numbered_at from stale_sessions where position > $1 and numbered_at > $2
order by position
"""
# These sessions are refused for as long as their connection is off, and live on where it is switched on again.
# Nothing was minted from one that was not seen for longer.
_VOID_UNCONNECTED = """
insert into stale_sessions (kind, value, created_at, voids)
select 'sid', s.id::text, $2, true from sessions s
join connections c on c.organization_id = $1 and c.id = s.connection_id and c.state in ('inactive', 'deleted')
where s.organization_id = $1 and s.ended_at is null and s.last_seen_at > $2::timestamptz - interval '20 minutes'
"""


async def void_unconnected(uow: UnitOfWork) -> None:
    """Void what was minted so far from the tenant's sessions over connections that are off."""
    await fetch(uow.driver, _VOID_UNCONNECTED, uow.tenant, uow.now)


class Numbering:
    """Gives places to what has been committed without one, in a unit of its own.

    Whoever voids something writes its mark and waits for nobody. Places are given here, one process at a time, to
    marks that everybody can see already: so a reader who has seen a place has seen all before it, whatever committed
    late, and no long transaction holds the feed up.
    """

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def place(self) -> int:
        """Give places to marks without one, and return the last place of before; no other process does meanwhile."""
        last: int = (await self._one(_LOCK))["last"]
        await fetch(self._uow.driver, _PLACE, last)
        return last

    async def stamp(self, last: int, now: datetime) -> int:
        """Stamp what was placed beyond `last`, and return the last place now.

        `now` must be read after `place`: no token that such a mark voids was minted after it.
        """
        await fetch(self._uow.driver, _STAMP, last, now)
        return int((await self._one(_ADVANCE, last))["last"])

    async def _one(self, statement: str, *values: object) -> Row:
        row = await fetch_one(self._uow.driver, statement, *values)
        if row is None:
            raise LookupError("revocation_feeds has lost its row")
        return row


class RevocationLookups:
    """The feed as it stands in the database."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def look(self) -> tuple[int, bool]:
        """Return the last place that was given, and whether a mark waits for one."""
        (row,) = await self._lane.fetch(_LOOK)
        return row["last"], row["due"]

    async def since(self, place: int, kept: datetime) -> Sequence[Row]:
        """Return what has places beyond this one, in order, and was stamped after `kept`."""
        return await self._lane.fetch(_SINCE, place, kept)
