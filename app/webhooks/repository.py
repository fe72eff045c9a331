"""Every statement over the inbox and over the versions that were applied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.db.repository import PageRequest, Slice, read_page
from app.kit.clock import Clock
from app.kit.ids import Ids
from app.uow import UnitOfWork
from app.webhooks.delivery import Delivery
from app.webhooks.models import WebhookEvent
from app.webhooks.place import Place

Status = Literal["pending", "done", "skipped", "parked", "dead"]

_RECEIVE = "select inbox_receive($1, $2, $3, $4, $5, $6, $7, $8, $9) as event_id"
_TAKE = "select id, event_id, event, payload, attempts, received_at, stream, due_at from inbox_take($1, $2, $3)"
_SETTLE = "select inbox_settle($1, $2, $3, $4, $5, $6, $7, $8, $9)"
# Who comes later with an older version changes nothing; equal instants go by the event's id (threats D12, D22).
_ADVANCE = """
insert into object_versions (organization_id, object_id, at, event_id)
select $1, $2, $3, $4
where not ($5 and exists (select 1 from object_versions where organization_id = $1 and object_id = '*' and at >= $3))
on conflict (organization_id, object_id) do update set at = excluded.at, event_id = excluded.event_id
where (object_versions.at, object_versions.event_id) < (excluded.at, excluded.event_id)
   or object_versions.event_id = excluded.event_id
returning 1
"""
_LISTED = """
insert into object_versions (organization_id, object_id, at, event_id)
select $1, listed, $3, '' from unnest($2::text[]) as listed
on conflict (organization_id, object_id) do update set at = excluded.at, event_id = excluded.event_id
where object_versions.at < excluded.at
"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that this transaction holds."""

    id: UUID
    event_id: str
    event: str
    payload: bytes | None
    attempts: int
    received_at: datetime
    stream: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about: one of our own objects by WorkOS's id, and the organization that the event names."""

    kind: str
    object_id: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose object it is; whether the event says the same (or nothing); how many tenants hold it alive."""

    organization_id: UUID
    agrees: bool
    holders: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an event: `fault` in words, `waits_for` WorkOS's id of what it is parked for.

    `person`: WorkOS's id of the person whose data the event holds.
    """

    status: Status
    fault: str | None = None
    organization: UUID | None = None
    waits_for: str | None = None
    attempts: int = 0
    due_at: datetime | None = None
    person: str | None = None


class Deliveries:
    """What the door writes: on the lane, many deliveries at once."""

    def __init__(self, lane: Lane, ids: Ids, clock: Clock) -> None:
        self._lane = lane
        self._ids = ids
        self._clock = clock

    async def store(self, deliveries: Sequence[Delivery]) -> Mapping[Delivery, bool]:
        """Keep the deliveries; return of each whether it is new. What is here already is left as it is."""
        rows = await self._lane.fetch(
            _RECEIVE,
            [self._ids.uuid() for _ in deliveries],
            [delivery.event_id for delivery in deliveries],
            [delivery.event for delivery in deliveries],
            [delivery.payload for delivery in deliveries],
            [delivery.source for delivery in deliveries],
            [delivery.fault for delivery in deliveries],
            [delivery.occurred_at for delivery in deliveries],
            [delivery.stream for delivery in deliveries],
            self._clock.now(),
        )
        new = {row["event_id"] for row in rows}
        return {delivery: delivery.event_id in new for delivery in deliveries}

    async def missed(self, delivery: Delivery, since: datetime) -> None:
        """Ask for what happened since then, unless this very delivery is here already."""
        await self._lane.fetch("select inbox_missed($1, $2)", delivery.event_id, since)


class Inbox:
    """What the worker does with events, in its own transactions."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def take(self, most: int, place: Place) -> list[Claimed]:
        """Lock the next event that is due, with others of the same directory (at most `most`); none when none is due.

        An event that has failed before comes alone. `place`: from where this process looks; it is moved on.
        """
        rows = await fetch(self._uow.driver, _TAKE, self._uow.now, most, place.since(self._uow.now))
        place.reach([row["due_at"] for row in rows])
        return [Claimed(**row) for row in rows]

    async def owner(self, kind: str, object_id: str, claimed: str | None) -> Owner | None:
        """Return whose object it is, by our tables; `claimed` is WorkOS's id of the organization that is named."""
        row = await fetch_one(
            self._uow.driver,
            "select organization_id, agrees, holders from inbox_owner($1, $2, $3)",
            kind,
            object_id,
            claimed,
        )
        return None if row is None else Owner(**row)

    async def settle(self, outcomes: Sequence[tuple[Claimed, Outcome]]) -> None:
        """Write down what became of events."""
        await fetch(
            self._uow.driver,
            _SETTLE,
            [claimed.id for claimed, _ in outcomes],
            [outcome.status for _, outcome in outcomes],
            [outcome.fault for _, outcome in outcomes],
            [outcome.organization for _, outcome in outcomes],
            [outcome.waits_for for _, outcome in outcomes],
            [outcome.attempts for _, outcome in outcomes],
            [outcome.due_at for _, outcome in outcomes],
            [outcome.person for _, outcome in outcomes],
            self._uow.now,
        )

    async def release(self, objects: Sequence[str]) -> None:
        """Make due what was parked for these objects (WorkOS's ids): they are known now."""
        await fetch(self._uow.driver, "select inbox_release($1, $2)", list(objects), self._uow.now)

    async def release_known(self) -> None:
        """Make due what is parked for objects that are known here by now."""
        await fetch(self._uow.driver, "select inbox_release_known($1)", self._uow.now)

    async def replay(self, event: UUID) -> bool:
        """Make an event due once more, now; return False when it is due anyway or its payload is gone."""
        await fetch(self._uow.driver, "select pg_notify('inbox', '')")
        row = await fetch_one(self._uow.driver, "select inbox_replay($1, $2) as done", event, self._uow.now)
        return bool(row and row["done"])

    async def purge(self, *, payloads_before: datetime, events_before: datetime) -> None:
        """Empty old payloads, and forget older events and versions."""
        await fetch(self._uow.driver, "select inbox_purge($1, $2)", payloads_before, events_before)

    async def advance(self, object_id: str, at: datetime, event_id: str, *, listed: bool) -> bool:
        """Note that the unit's tenant has this version of an object; False when it has a newer one already.

        True again for the very version that it has: a replayed event is applied once more. `listed`: an object of a
        kind that listings hold, so one that the last listing did not hold is gone since.
        """
        row = await fetch_one(self._uow.driver, _ADVANCE, self._uow.tenant, object_id, at, event_id, listed)
        return row is not None

    async def has_version(self, object_id: str) -> bool:
        """Return whether an event about this object of the tenant was applied, even if it is not here."""
        statement = "select 1 from object_versions where organization_id = $1 and object_id = $2"
        return await fetch_one(self._uow.driver, statement, self._uow.tenant, object_id) is not None

    async def newer_than(self, at: datetime) -> set[str]:
        """Return which of the tenant's objects have a version of after this instant."""
        rows = await fetch(
            self._uow.driver,
            "select object_id from object_versions where organization_id = $1 and at > $2",
            self._uow.tenant,
            at,
        )
        return {row["object_id"] for row in rows}

    async def note_listed(self, objects: Sequence[str], at: datetime) -> None:
        """Note that these objects of the tenant are as WorkOS listed them at this instant."""
        await fetch(self._uow.driver, _LISTED, self._uow.tenant, list(objects), at)


class _Readable:
    def __init__(self, uow: UnitOfWork, scoped: Select[WebhookEvent]) -> None:
        self._uow = uow
        self._scoped = scoped

    async def find(self, event: UUID) -> WebhookEvent | None:
        """Return an event by our id."""
        return await self._uow.db.scalar(self._scoped.where(WebhookEvent.id == event))

    async def page(self, page: PageRequest[UUID], *, status: str | None, event: str | None) -> Slice[WebhookEvent]:
        """Return a page, filtered by status and type."""
        scoped = self._scoped
        if status is not None:
            scoped = scoped.where(WebhookEvent.status == status)
        if event is not None:
            scoped = scoped.where(WebhookEvent.event == event)
        return await read_page(self._uow.db, scoped, WebhookEvent.id, page)


_SHOWN = select(WebhookEvent).options(defer(WebhookEvent.payload, raiseload=True))  # nobody but the worker may read it


class WebhookEvents(_Readable):
    """Events about one tenant's objects."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        super().__init__(uow, _SHOWN.where(WebhookEvent.organization_id == organization))


class UnscopedWebhookEvents(_Readable):
    """Events of every tenant and of none, for platform admins; on a pool whose role may only read."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, _SHOWN)


def readable(uow: UnitOfWork) -> _Readable:
    """Return what this unit may read: its tenant's events, or all in an unscoped unit."""
    return UnscopedWebhookEvents(uow) if uow.organization is None else WebhookEvents(uow, uow.organization)
