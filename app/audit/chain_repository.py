"""Every statement over the hash chain: what waits to be sealed, the seals, and what does not fit them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from app.db.driver import expect_many, fetch, fetch_one
from app.db.query import Query
from app.kit.rows import Row
from app.uow import UnitOfWork

_OWNERS = "select organization_id from audit_unsealed_of($1)"
_BEGIN = """
insert into audit_heads (organization_id, position, seal) values ($1, 0, '') on conflict (organization_id) do nothing
"""
# One process at a time adds to a chain.
_HEAD = "select position, seal, through from audit_heads where organization_id = $1 for update"
_WAITING = """
select u.event_id, audit_digest(e) as digest, e.occurred_at
from audit_unsealed u left join audit_events e on e.organization_id = $1 and e.id = u.event_id
where u.organization_id = $1 order by u.event_id limit $2
"""
_SEAL = """
with done as (delete from audit_unsealed where organization_id = $1 and event_id = any ($3))
insert into audit_seals (organization_id, position, event_id, seal, sealed_at)
select $1, $2 + s.number, s.event_id, s.seal, $5
from unnest($3::uuid[], $4::bytea[]) with ordinality as s (event_id, seal, number)
"""
_MOVE = "update audit_heads set position = $2, seal = $3, through = $4 where organization_id = $1"
# By the index, seal after seal: the planner would rather read all events of all tenants once for every ten thousand.
_BY_INDEX = """
select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       set_config('enable_seqscan', 'off', true)
"""
# Each seal beside the one before it and what its event holds today. `before` is worked out first: a sum that could
# fail is not looked for in an index behind row-level security.
_TAKEN = """
with taken as (
    select s.organization_id, s.position, s.position - 1 as before, s.event_id, s.seal from audit_seals s where true"""
_JUDGED = """
), judged as (
    select s.organization_id, s.position, s.event_id,
           case when p.seal is null and s.position > 1 then 'seal_missing'
                when e.id is null then 'deleted'
                when s.seal <> sha256(coalesce(p.seal, '') || audit_digest(e)) then 'changed' end as fault
    from taken s
    left join audit_seals p on p.organization_id = s.organization_id and p.position = s.before
    left join audit_events e on e.organization_id = s.organization_id and e.id = s.event_id
)
select count(*) as checked,
       (select array[j.organization_id::text, j.position::text] from judged j
        order by j.organization_id desc, j.position desc limit 1) as last,
       (select array[j.organization_id::text, j.event_id::text, j.position::text, j.fault] from judged j
        where j.fault is not null order by j.organization_id, j.position limit 1) as broken
from judged
"""
# Chains that do not end where they did when they were last added to.
_ENDS = """
select h.organization_id, h.position, last.event_id, last.position as last_position
from audit_heads h
left join lateral (
    select s.event_id, s.position, s.seal from audit_seals s where s.organization_id = h.organization_id
    order by s.position desc limit 1
) as last on true
where ($1::uuid is null or h.organization_id = $1) and h.position > 0
  and (last.position is distinct from h.position or last.seal is distinct from h.seal)
order by h.organization_id limit 1
"""
_FORGED = """
select e.organization_id, e.id as event_id from audit_events e
where ($1::uuid is null or e.organization_id = $1)
  and not exists (select 1 from audit_seals s where s.organization_id = e.organization_id and s.event_id = e.id)
  and not exists (select 1 from audit_unsealed u where u.organization_id = e.organization_id and u.event_id = e.id)
order by e.occurred_at, e.id limit 1
"""
_THROUGH = """
select (select max(h.through) from audit_heads h where $1::uuid is null or h.organization_id = $1) as through,
       (select count(*) from (select 1 from audit_unsealed u where $1::uuid is null or u.organization_id = $1
                              limit 100001) as n) as unsealed
"""

Fault = Literal["changed", "deleted", "inserted", "seal_missing", "cut_off"]


@dataclass(frozen=True, slots=True)
class Broken:
    """The first event that does not fit the chain. `position` is its place there, None for one that has none."""

    organization_id: UUID
    event_id: UUID | None
    position: int | None
    fault: Fault


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the chains checking goes on."""

    organization_id: UUID
    position: int


START: Final = Place(UUID(int=0), 0)


@dataclass(frozen=True, slots=True)
class Checked:
    """A part of the chains: how many seals were looked at, where to go on (None at the end), and what is broken."""

    count: int
    after: Place | None
    broken: Broken | None


async def owners_of_unsealed(uow: UnitOfWork, most: int) -> list[UUID]:
    """Return whose events wait to be sealed, of every tenant."""
    return [row["organization_id"] for row in await fetch(uow.driver, _OWNERS, most)]


class Chain:
    """The chain of the unit's tenant, to be added to."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def head(self) -> Row:
        """Return the end of the chain (`position`, `seal`, `through`); nobody else adds to it until the unit ends."""
        await fetch(self._uow.driver, _BEGIN, self._uow.tenant)
        found = await fetch_one(self._uow.driver, _HEAD, self._uow.tenant)
        assert found is not None  # noqa: S101 -- begun above, and nobody may delete it
        return found

    async def waiting(self, most: int) -> Sequence[Row]:
        """Return committed events that are not sealed yet: `event_id`, `digest`, `occurred_at` (None: it is gone)."""
        return await fetch(self._uow.driver, _WAITING, self._uow.tenant, most)

    async def append(self, events: Sequence[UUID], seals: Sequence[bytes], *, after: int) -> None:
        """Add these events with their seals behind a position."""
        values = (self._uow.tenant, after, list(events), list(seals), self._uow.now)
        await fetch(self._uow.driver, _SEAL, *values)

    async def move(self, position: int, seal: bytes, through: datetime | None) -> None:
        """Let the chain end here."""
        await fetch(self._uow.driver, _MOVE, self._uow.tenant, position, seal, through)


class Chains:
    """The chains that a unit sees: its tenant's, or every tenant's in an unscoped one. `owner`: only this one's."""

    def __init__(self, uow: UnitOfWork, owner: UUID | None) -> None:
        self._uow = uow
        self._owner = uow.organization or owner

    async def part(self, place: Place, most: int) -> Checked:
        """Check so many seals behind a place."""
        query = Query(_TAKEN)
        if self._owner is None:
            query.where("(s.organization_id, s.position) > ({}, {})", place.organization_id, place.position)
        else:
            query.where("s.organization_id = {} and s.position > {}", self._owner, place.position)
        query.statement += f" order by s.organization_id, s.position limit {most:d}" + _JUDGED
        await fetch(self._uow.driver, _BY_INDEX)
        row = await fetch_one(self._uow.driver, query.statement, *query.values)
        assert row is not None  # noqa: S101 -- an aggregate has a row
        after = Place(UUID(row["last"][0]), int(row["last"][1])) if row["checked"] == most else None
        return Checked(row["checked"], after, _broken(*row["broken"]) if row["broken"] else None)

    async def cut_off(self) -> Broken | None:
        """Return a chain that lacks its end, by the last event that it still has."""
        row = await fetch_one(self._uow.driver, _ENDS, self._owner)
        return Broken(row["organization_id"], row["event_id"], row["last_position"], "cut_off") if row else None

    async def forged(self) -> Broken | None:
        """Return the first event that neither is sealed nor was ever written down to be."""
        await expect_many(self._uow.db)
        row = await fetch_one(self._uow.driver, _FORGED, self._owner)
        return Broken(row["organization_id"], row["event_id"], None, "inserted") if row else None

    async def through(self) -> Row:
        """Return up to when events are sealed (`through`), and how many wait (`unsealed`, 100,001 for more)."""
        row = await fetch_one(self._uow.driver, _THROUGH, self._owner)
        assert row is not None  # noqa: S101 -- as above
        return row


def _broken(organization: str, event: str, position: str, fault: Fault) -> Broken:
    return Broken(UUID(organization), UUID(event), int(position), fault)
