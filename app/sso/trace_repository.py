"""Every statement over login traces, but for the one that a repeated login shares (`login_repository.py`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch
from app.kit.rows import Row
from app.uow import UnitOfWork

_APPEND = """
insert into login_traces (organization_id, id, outcome, step, problem, connection_id, user_id, address, began_at, at,
                          request_id, details)
values ($1, $2, $3, $4, $5, $6, $7, case when $7::uuid is null then erased($8) end, $9, $10, $11, $12)
"""
# Whose address it is here, if anybody's: then the row is theirs, and goes with them.
_TELL = """
insert into login_traces (organization_id, id, outcome, step, problem, connection_id, user_id, address, at, details)
select $1, $2, 'told', 'callback', $3, c.id, u.id, case when u.id is null then erased($5) end, $6, $7
from (select 1) as one
left join connections c on c.organization_id = $1 and c.workos_id = $4
left join lateral (
    select p.id from users p where p.organization_id = $1 and p.email_lower = $5 order by p.id limit 1
) as u on true
on conflict do nothing
"""
# The trace is made once: under row-level security a function beside the column keeps its index out.
_OF = """
with asked as materialized (select erased($2) as trace)
select t.id, t.outcome, t.step, t.problem, t.connection_id, c.name as connection_name, t.user_id, t.began_at, t.at,
       t.request_id, t.details
from (
    select p.id from login_traces p where p.organization_id = $1 and p.user_id = any ($3)
    union all
    select p.id from asked a join login_traces p on p.organization_id = $1 and p.address = a.trace and p.user_id is null
) as found
join login_traces t on t.organization_id = $1 and t.id = found.id
left join connections c on c.organization_id = $1 and c.id = t.connection_id
order by t.at desc, t.id desc limit $4
"""
_ABANDONED = """
select coalesce(sum(attempts), 0)::bigint as n, max(at) as last from login_traces
where organization_id = $1 and outcome = 'abandoned' and at > $2 and ($3::uuid is null or connection_id = $3)
"""


@dataclass(frozen=True, slots=True)
class NewTrace:
    """An attempt that is over. `email` is folded, and kept only as its trace, where nobody is known by it."""

    outcome: str
    step: str
    problem: str | None
    connection_id: UUID | None
    user_id: UUID | None
    email: str | None
    began_at: datetime | None
    details: str


class Traces:
    """Login traces of one tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def append(self, trace: NewTrace) -> None:
        """Write an attempt down, as of the unit's instant."""
        await fetch(
            self._uow.driver,
            _APPEND,
            self._uow.tenant,
            self._uow.ids.uuid(),
            trace.outcome,
            trace.step,
            trace.problem,
            trace.connection_id,
            trace.user_id,
            trace.email,
            trace.began_at,
            self._uow.now,
            self._uow.actor.request_id,
            trace.details,
        )

    async def tell(self, *, problem: str, connection: str, email: str | None, at: datetime, details: str) -> None:
        """Write down a failure of that instant which WorkOS tells of; `connection` is its id, `email` is folded."""
        await fetch(
            self._uow.driver, _TELL, self._uow.tenant, self._uow.ids.uuid(), problem, connection, email, at, details
        )

    async def of(self, email: str, users: Sequence[UUID], *, most: int) -> Sequence[Row]:
        """Return the last attempts of these people, or with this (folded) address, the newest first."""
        return await fetch(self._uow.driver, _OF, self._uow.tenant, email, list(users), most)

    async def abandoned(self, since: datetime, connection: UUID | None) -> tuple[int, datetime | None]:
        """Return how many sign-ins since then never came back from WorkOS, and the hour of the last."""
        (row,) = await fetch(self._uow.driver, _ABANDONED, self._uow.tenant, since, connection)
        return row["n"], row["last"]


async def purge(uow: UnitOfWork, before: datetime) -> None:
    """Delete traces of before this instant."""
    await fetch(uow.driver, "select purge_login_traces($1)", before)
