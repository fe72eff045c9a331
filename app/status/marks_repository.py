"""Every statement over since when indicators are as they are, and over what processes noticed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.driver import execute_many, fetch
from app.kit.sightings import Sighting, merged
from app.status.reading import Status
from app.uow import UnitOfWork

_MARKS = """
select organization_id, name, status, since from status_marks where ($1::uuid is null or organization_id = $1)
"""
# Judged earlier and told later, by another process: what is known already is newer.
_MARK = """
insert into status_marks as known (organization_id, name, status, since, judged_at) values ($1, $2, $3, $4, $5)
on conflict (organization_id, name) do update
set status = excluded.status, since = excluded.since, judged_at = excluded.judged_at
where known.judged_at < excluded.judged_at and known.status <> excluded.status
"""
_SIGHTINGS = "select name, good_at, good_since, bad_since, bad_at, times, why from sightings"
# In one order everywhere: two processes that tell of the same things must not wait for each other.
_LOCKED = f"{_SIGHTINGS} where name = any ($1) order by name for update"
_FIRST = "insert into sightings (name) select name from unnest($1::text[]) as name order by name on conflict do nothing"
_NOTICED = """
update sightings set good_at = $2, good_since = $3, bad_since = $4, bad_at = $5, times = $6, why = $7 where name = $1
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """How an indicator stood, and since when."""

    status: Status
    since: datetime


async def marks(uow: UnitOfWork, organization: UUID | None) -> Mapping[tuple[UUID, str], Mark]:
    """Return the marks of one organization, or of all that the unit sees; by organization and indicator."""
    return {
        (row["organization_id"], row["name"]): Mark(row["status"], row["since"])
        for row in await fetch(uow.driver, _MARKS, organization)
    }


async def mark(uow: UnitOfWork, changed: Mapping[str, Mark], at: datetime) -> None:
    """Keep how indicators of the unit's tenant stand, as judged at an instant."""
    rows = [(uow.tenant, name, one.status, one.since, at) for name, one in sorted(changed.items())]
    await execute_many(uow.driver, _MARK, rows)


async def sightings(uow: UnitOfWork) -> Mapping[str, Sighting]:
    """Return what was noticed by every process, by name."""
    return {row["name"]: Sighting(**row) for row in await fetch(uow.driver, _SIGHTINGS)}


async def notice(uow: UnitOfWork, told: Sequence[Sighting]) -> None:
    """Add what one process noticed to what all of them did."""
    names = sorted(one.name for one in told)
    await fetch(uow.driver, _FIRST, names)
    known = {row["name"]: Sighting(**row) for row in await fetch(uow.driver, _LOCKED, names)}
    rows = [_row(merged(known[one.name], one)) for one in sorted(told, key=lambda one: one.name)]
    await execute_many(uow.driver, _NOTICED, rows)


def _row(one: Sighting) -> tuple[object, ...]:
    return one.name, one.good_at, one.good_since, one.bad_since, one.bad_at, one.times, one.why
