"""Outbox: work that needs the network, written down in the transaction of the deed that wants it done."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from app.db.driver import Transaction, fetch, fetch_one
from app.kit.ids import Ids
from app.kit.rows import Row

KEPT: Final = timedelta(days=7)
"""How long what is done can be looked at; what is dead stays until it is replayed."""
_json = msgspec.json.Encoder().encode
# What waits already is not queued twice, but what failed before need not wait any longer: somebody wants it anew.
# What is under way is no hindrance: it may have begun before the deed that wants it now.
_ENQUEUE = """
insert into outbox (id, organization_id, job, key, payload, due_at, created_at, request_id)
select w.id, $1, w.job, w.key, w.payload::jsonb, $2, $2, $3
from unnest($4::uuid[], $5::text[], $6::text[], $7::text[]) as w (id, job, key, payload)
order by w.job, w.key
on conflict (organization_id, job, key) where status = 'pending'
do update set due_at = least(outbox.due_at, excluded.due_at)
"""
_TAKE = """
select id, organization_id, job, key, payload::text as payload, attempts, failures, created_at, request_id
from outbox_take($1, $2, $3)
"""
_KEEP = """
update outbox set leased_until = $4
where organization_id = $1 and id = $2 and attempts = $3 and status = 'running' returning id
"""
# One that waits already does the same: this one has nothing left to do.
_AGAIN = """
update outbox o
set status = case when twin.waits then 'done' else 'pending' end,
    done_at = case when twin.waits then $6::timestamptz end,
    due_at = $4, failures = o.failures + $7, last_error = $5, leased_until = null
from (
    select exists (select 1 from outbox t join outbox me on me.organization_id = $1 and me.id = $2
                   where t.organization_id = $1 and t.job = me.job and t.key = me.key and t.status = 'pending') as waits
) as twin
where o.organization_id = $1 and o.id = $2 and o.attempts = $3 and o.status = 'running'
"""
_END = """
update outbox set status = $4, done_at = $5, last_error = $6, leased_until = null
where organization_id = $1 and id = $2 and attempts = $3 and status = 'running' returning id
"""
# Of several about the same thing one is dead: to be replayed, and read, once.
_ONE_DEAD = """
update outbox set status = 'done' where organization_id = $1 and job = $2 and key = $3 and status = 'dead' and id <> $4
"""
_REPLAY = """
update outbox o set status = 'pending', due_at = $2, failures = 0, done_at = null
where o.organization_id = $1 and o.status = 'dead' and ($3::uuid is null or o.id = $3)
  and ($4::text is null or o.job = $4)
  and not exists (select 1 from outbox t where t.organization_id = $1 and t.job = o.job and t.key = o.key
                  and t.status = 'pending')
returning o.id
"""
_DEAD = """
select id, organization_id, job, key, attempts, last_error, created_at, done_at from outbox
where status = 'dead' and ($1::text is null or job = $1) order by created_at, id limit 1000
"""


class Unit(Protocol):
    """What this floor needs of a unit of work, which is built above it."""

    @property
    def driver(self) -> Transaction:
        """The transaction."""
        ...

    @property
    def now(self) -> datetime:
        """Its instant."""
        ...

    @property
    def ids(self) -> Ids:
        """Where new ids come from."""
        ...

    @property
    def tenant(self) -> UUID:
        """The organization of the unit."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """Work that is wanted: which job, about what (`key`: what is not queued twice), and what it has to know.

    The payload holds ids, no names: it stays for a while after the person is erased.
    """

    job: str
    key: str
    payload: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Job:
    """Work that this process has taken; `attempts` counts who took it, and is the right to it."""

    id: UUID
    organization_id: UUID
    name: str
    key: str
    payload: Mapping[str, Any]
    attempts: int
    failures: int
    created_at: datetime
    request_id: str | None


async def enqueue(unit: Unit, wishes: Sequence[Wish], *, request_id: str | None) -> None:
    """Write down what the unit wants done, in its own transaction; workers hear of it once that is committed."""
    await fetch(
        unit.driver,
        _ENQUEUE,
        unit.tenant,
        unit.now,
        request_id,
        [unit.ids.uuid() for _ in wishes],
        [wish.job for wish in wishes],
        [wish.key for wish in wishes],
        [_json(wish.payload).decode() for wish in wishes],
    )


async def take(unit: Unit, jobs: Sequence[str], *, lasting: timedelta) -> Job | None:
    """Take the work of these jobs that has been due longest, or that a worker has left behind."""
    row = await fetch_one(unit.driver, _TAKE, list(jobs), unit.now, unit.now + lasting)
    return None if row is None else _job(row)


def _job(row: Row) -> Job:
    told = (row["id"], row["organization_id"], row["job"], row["key"], msgspec.json.decode(row["payload"]))
    return Job(*told, row["attempts"], row["failures"], row["created_at"], row["request_id"])


async def keep(unit: Unit, job: Job, *, lasting: timedelta) -> bool:
    """Keep the right to a job for so long; return False where somebody else has it by now."""
    values = (unit.tenant, job.id, job.attempts, unit.now + lasting)
    return await fetch_one(unit.driver, _KEEP, *values) is not None


async def finish(unit: Unit, job: Job) -> bool:
    """Note that a job is done; return False where it was noted before, or somebody else has it by now.

    A handler may do it by itself, in the unit in which it writes down what it has done.
    """
    return bool(await fetch(unit.driver, _END, unit.tenant, job.id, job.attempts, "done", unit.now, None))


async def try_again(unit: Unit, job: Job, reason: str, *, after: timedelta, blamed: bool) -> None:
    """Let a job be due again later; `blamed`: this try counts as a failure of its own."""
    due = unit.now + after
    await fetch(unit.driver, _AGAIN, unit.tenant, job.id, job.attempts, due, reason, unit.now, int(blamed))


async def bury(unit: Unit, job: Job, reason: str) -> None:
    """Note in words why a job will not be tried again, until somebody replays it."""
    if await fetch(unit.driver, _END, unit.tenant, job.id, job.attempts, "dead", unit.now, reason):
        await fetch(unit.driver, _ONE_DEAD, unit.tenant, job.name, job.key, job.id)


async def replay(unit: Unit, *, job: UUID | None = None, name: str | None = None) -> int:
    """Make the tenant's dead jobs due again, all or one or those of a name; return how many."""
    return len(await fetch(unit.driver, _REPLAY, unit.tenant, unit.now, job, name))


async def dead(unit: Unit, *, name: str | None = None) -> Sequence[Row]:
    """Return what is dead, as far as the unit sees, the oldest first (1,000 at most)."""
    return await fetch(unit.driver, _DEAD, name)


async def purge(unit: Unit) -> None:
    """Forget what was done a week ago."""
    await fetch(unit.driver, "select outbox_purge($1)", unit.now - KEPT)
