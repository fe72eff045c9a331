"""Every statement by which the sealed record is followed: in the order of the chain, which nothing commits behind."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.uow import PLATFORM, UnitOfWork

_BEHIND = "select organization_id from audit_behind($1, $2, $3)"
_BEGUN = """
insert into audit_cursors (organization_id, reader, position, begun_at) values ($1, $2, 0, $3)
on conflict (organization_id, reader) do update set reader = excluded.reader returning begun_at
"""
# A tenant's own reading begins where its chain stood when the reader was first switched on, for a new one at the start.
_OPEN = """
insert into audit_cursors (organization_id, reader, position, begun_at)
values ($1, $2, (select coalesce(max(s.position), 0) from audit_seals s
                 where s.organization_id = $1 and s.sealed_at < $3), $3)
on conflict (organization_id, reader) do update set reader = excluded.reader returning position
"""
_NEXT = """
select s.position, e.id, e.action, e.occurred_at, e.actor_type, e.actor_id, e.targets::text as targets, e.ip,
       e.user_agent, e.metadata::text as metadata
from (select position, event_id from audit_seals where organization_id = $1 and position > $2
      order by position limit $3) s
join audit_events e on e.organization_id = $1 and e.id = s.event_id
order by s.position
"""
_END = "select position from audit_heads where organization_id = $1"
_POSITION = "select position from audit_cursors where organization_id = $1 and reader = $2"
_MOVE = "update audit_cursors set position = $3 where organization_id = $1 and reader = $2 and position < $3"
_LINK = "select workos_id from organizations where id = $1"


async def behind(uow: UnitOfWork, reader: str, *, job: str | None = None, most: int) -> list[UUID]:
    """Return organizations with sealed events that the reader has not read.

    `job`: only those that WorkOS knows and of which no such piece of the outbox's work is open.
    """
    return [row["organization_id"] for row in await fetch(uow.driver, _BEHIND, reader, job, most)]


async def begun(uow: UnitOfWork, reader: str) -> Row:
    """Return when the reader was first switched on (`begun_at`); now, at its first time. In the platform's unit."""
    row = await fetch_one(uow.driver, _BEGUN, PLATFORM, reader, uow.now)
    assert row is not None  # noqa: S101 -- inserted or updated
    return row


class Following:
    """One reader of the unit's tenant's sealed events."""

    def __init__(self, uow: UnitOfWork, reader: str) -> None:
        self._uow = uow
        self._reader = reader

    async def open(self, begun: Row) -> int:
        """Return the position up to which the reader has read."""
        row = await fetch_one(self._uow.driver, _OPEN, self._uow.tenant, self._reader, begun["begun_at"])
        return 0 if row is None else row["position"]

    async def position(self) -> int:
        """Return the same where the reading was opened before."""
        row = await fetch_one(self._uow.driver, _POSITION, self._uow.tenant, self._reader)
        return 0 if row is None else row["position"]

    async def next(self, position: int, most: int) -> Sequence[Row]:
        """Return the events behind a position, in the chain's order; none that was taken away."""
        return await fetch(self._uow.driver, _NEXT, self._uow.tenant, position, most)

    async def end(self) -> int:
        """Return the position at which the chain ends."""
        row = await fetch_one(self._uow.driver, _END, self._uow.tenant)
        return 0 if row is None else row["position"]

    async def move(self, position: int) -> None:
        """Note that everything up to a position has been read."""
        await fetch(self._uow.driver, _MOVE, self._uow.tenant, self._reader, position)

    async def link(self) -> str | None:
        """Return WorkOS's id of the tenant."""
        row = await fetch_one(self._uow.driver, _LINK, self._uow.tenant)
        return None if row is None else row["workos_id"]
