"""Health: what every indicator says now and since when, of one tenant, of the platform, or of all of them at once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from app.audit import watching
from app.audit.watching import OpenAlert
from app.kit.sightings import Sighting
from app.status import facts_repository as repository
from app.status import marks_repository as kept
from app.status.facts import Configured, ConnectionFacts, DirectoryFacts, Events, Facts, ForwardingFacts, Poll
from app.status.indicators import readings
from app.status.marks_repository import Mark
from app.status.reading import Reading, Status, worst
from app.uow import UnitOfWork
from app.workos.noticed import DELIVERED

T = TypeVar("T", ConnectionFacts, DirectoryFacts, OpenAlert)


@dataclass(frozen=True, slots=True)
class Health:
    """What the indicators of one scope say. `marks`: since when; `changed`: those that are not kept yet."""

    organization: UUID
    at: datetime
    readings: Mapping[str, Reading]
    marks: Mapping[str, Mark]
    changed: Mapping[str, Mark]

    @property
    def status(self) -> Status:
        """The worst of all."""
        return worst(one.status for one in self.readings.values())


async def of_one(uow: UnitOfWork, configured: Configured, organization: UUID | None) -> Health:
    """Return the health of one tenant, or of the platform where none is named; writes nothing.

    The unit sees that tenant, or every one. It takes nine statements at most, however much there is.
    """
    read = await _read(uow, configured, organization)
    known = await kept.marks(uow, organization or repository.NOBODY)
    return _judged(read.facts(organization), known)


async def of_all(uow: UnitOfWork, configured: Configured) -> Sequence[Health]:
    """Return the health of the platform and of every active tenant, by one statement more; the unit sees them all."""
    read = await _read(uow, configured, None)
    known = await kept.marks(uow, None)
    tenants = await repository.organizations(uow)
    return [_judged(read.facts(organization), known) for organization in (None, *tenants)]


async def keep(uow: UnitOfWork, health: Health) -> None:
    """Keep since when the indicators are as they are, in a unit of whom they are about."""
    if health.changed:
        await kept.mark(uow, health.changed, health.at)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read, of one tenant or of all."""

    at: datetime
    configured: Configured
    sightings: Mapping[str, Sighting]
    poll: Poll
    events: Mapping[UUID, Events]
    unclaimed_since: datetime | None
    connections: Mapping[UUID, Sequence[ConnectionFacts]] = field(default_factory=dict[UUID, Sequence[ConnectionFacts]])
    directories: Mapping[UUID, Sequence[DirectoryFacts]] = field(default_factory=dict[UUID, Sequence[DirectoryFacts]])
    alerts: Mapping[UUID, Sequence[OpenAlert]] = field(default_factory=dict[UUID, Sequence[OpenAlert]])
    forwarding: Sequence[ForwardingFacts] = ()

    def facts(self, organization: UUID | None) -> Facts:
        """Return what is about one tenant, or about the platform."""
        return Facts(
            at=self.at,
            organization=organization,
            configured=self.configured,
            sightings=self.sightings,
            poll=self.poll,
            events=_of_all(self.events.values()) if organization is None else self._own(organization),
            connections=_some(self.connections, organization),
            directories=_some(self.directories, organization),
            alerts=_some(self.alerts, organization),
            forwarding=self.forwarding,
        )

    def _own(self, organization: UUID) -> Events:
        """Return a tenant's events. One that no worker has looked at yet may be theirs."""
        own = self.events.get(organization, Events())
        return replace(own, due_since=_first(own.due_since, self.unclaimed_since))


async def _read(uow: UnitOfWork, configured: Configured, organization: UUID | None) -> _Read:
    noticed = await kept.sightings(uow)
    delivered = noticed.get(DELIVERED)
    events, unclaimed = await repository.events(uow, organization, delivered and delivered.good_at)
    return _Read(
        at=uow.now,
        configured=configured,
        sightings=noticed,
        poll=await repository.poll(uow),
        events=events,
        unclaimed_since=unclaimed,
        connections=_by_owner(await repository.connections(uow, organization)),
        directories=_by_owner(await repository.directories(uow, organization)),
        alerts=_by_owner(await watching.list_open(uow, organization)),
        forwarding=await repository.forwarding(uow) if organization is None and configured.forwarding else (),
    )


def _judged(facts: Facts, known: Mapping[tuple[UUID, str], Mark]) -> Health:
    """Judge, and tell since when: from before where nothing has changed, from the data, or from now."""
    owner, found = facts.organization or repository.NOBODY, readings(facts)
    marks: dict[str, Mark] = {}
    changed: dict[str, Mark] = {}
    for name, reading in found.items():
        mark = known.get((owner, name))
        if mark is None or mark.status != reading.status:
            mark = changed[name] = Mark(reading.status, min(reading.since or facts.at, facts.at))
        marks[name] = mark
    return Health(owner, facts.at, found, marks, changed)


def _of_all(events: Iterable[Events]) -> Events:
    found = list(events)
    dead = max((one for one in found if one.dead_since), key=lambda one: str(one.dead_since), default=Events())
    return Events(
        dead=sum(one.dead for one in found),
        dead_since=_first(*(one.dead_since for one in found)),
        dead_why=dead.dead_why,
        due=sum(one.due for one in found),
        due_since=_first(*(one.due_since for one in found)),
        webhook_at=max((one.webhook_at for one in found if one.webhook_at), default=None),
        healed=sum(one.healed for one in found),
        unbrought=sum(one.unbrought for one in found),
        unbrought_since=_first(*(one.unbrought_since for one in found)),
    )


def _first(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant), default=None)


def _some(found: Mapping[UUID, Sequence[T]], organization: UUID | None) -> Sequence[T]:
    if organization is not None:
        return found.get(organization, ())
    return [one for some in found.values() for one in some]


def _by_owner(rows: Iterable[T]) -> Mapping[UUID, Sequence[T]]:
    found: dict[UUID, list[T]] = defaultdict(list)
    for row in rows:
        found[row.organization_id].append(row)
    return found
