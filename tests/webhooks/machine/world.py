"""The world of one run: a company, its webhooks on their way, a worker; and what the gateway makes of it, by SQL."""

import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.db.engine import DriverConnection
from app.directories import runs, sync
from app.directories.errors import SyncAlreadyRunning, SyncNotConfirmable, SyncPlanStale
from app.directories.repository import Directories
from app.directories.sync_repository import SyncRuns
from app.runtime import Runtime
from app.webhooks import flow, jobs, service
from sandbox.event_book import Event
from sandbox.wire_events import event as envelope
from tests.builders import a_tenant
from tests.deliveries import Inbox
from tests.webhooks.machine.company import Company, Fact, Human
from tests.webhooks.machine.tampering import Killed, Tampered

_PLANT = """
insert into sessions (id, organization_id, user_id, secret_hash, amr, auth_time, created_at, last_seen_at,
                      idle_seconds, expires_at)
select gen_random_uuid(), u.organization_id, u.id, sha256(gen_random_uuid()::text::bytea), '{sso}', $3::timestamptz,
       $3, $3, 28800, $3::timestamptz + interval '30 days'
from users u where u.organization_id = $1 and u.email_lower = $2 and u.state = 'active' returning id
"""
_LAST_RUN = """
select r.id, r.status, r.mode, r.confirmed_by, r.started_at, r.error_code, r.error from directory_sync_runs r
join directories d on d.id = r.directory_id where r.organization_id = $1 and d.workos_id = $2 order by r.id desc limit 1
"""
_SETTLED = "select event_id from webhook_events where event_id = any ($1) and status in ('done', 'skipped')"

UNSURE = timedelta(minutes=4)
"""Clocks may differ: what happened so shortly before a listing is left to its event."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A session that somebody got, and how many changes there had been then; `calm`: all of them were applied."""

    id: Any
    human: Human
    at: int
    calm: bool


class World:
    """One company, from its first day; `skew`: how many seconds WorkOS's clock is ahead of ours."""

    def __init__(self, inbox: Inbox, company: Company, owner: DriverConnection, skew: float) -> None:
        self.inbox = inbox
        self.bystander: UUID | None = None
        self.owner = owner
        self.news = True
        """Something may have been applied since this was last False."""
        self.company = company
        self.sent: list[Event] = []
        """Deliveries on their way."""
        self.facts: list[Fact] = []
        self.numbers: dict[str, int] = {}
        """Which change an event belongs to."""
        self.applied: dict[str, int] = {}
        """By directory: everything that happened in it up to this change was listed and applied."""
        self.listed: dict[str, int] = {}
        """By directory: whom a change up to this one let in may have been listed and let in."""
        self.times: list[datetime] = []
        """When each change was."""
        self.planted: list[Planted] = []
        self.disconnected: list[int] = []
        self._skew = skew

    @classmethod
    async def begun(
        cls, inbox: Inbox, owner: DriverConnection, bystander: UUID, *, humans: int, skew: float
    ) -> "World":
        """Return a new tenant with a synced directory, and everybody in it and signed in.

        `owner`: a connection that sees everything.
        """
        inbox.stage.clock.advance(hours=1)
        tenant = await a_tenant(inbox.stage, ada="")
        world = cls(inbox, Company(inbox.stage.twin, tenant, humans), owner, skew)
        world.bystander = bystander
        world.tick()
        world.company.connect()
        for human, group in zip(world.company.humans, [*world.company.groups, None, None], strict=False):
            world.company.hire(human, anew=True, groups=[group] if group else [])
        world.listen()
        while world.sent:
            await world.deliver(world.sent.pop(0))
        await world.work()
        await world.synced("apply")
        for human in world.company.humans:
            await world.plant(human)
        assert [planted.calm for planted in world.planted] == [True] * humans
        return world

    @property
    def worker(self) -> Runtime:
        """The worker's runtime."""
        assert self.inbox.worker is not None
        return self.inbox.worker

    def tick(self, seconds: float = 1) -> None:
        """Let time pass, here and at WorkOS; whatever happens next is another change."""
        clock, twin = self.inbox.stage.clock, self.inbox.stage.twin
        clock.advance(seconds=seconds)
        twin.world.clock_offset = clock.now().timestamp() - time.time() + self._skew  # noqa: TID251 -- the twin's clock runs
        self.times.append(clock.now())
        self.company.count = len(self.times)

    def listen(self) -> None:
        """Put what has happened since on its way."""
        for event in self.company.told():
            self.sent.append(event)
            self.numbers[event.id] = self.company.count
            if event.event.startswith("dsync.user."):
                lets_in = event.event != "dsync.user.deleted" and event.data["state"] == "active"
                human = str(event.data["email"]).partition("@")[0]
                self.facts.append(
                    Fact(event.id, event.data["directory_id"], human, event.data["id"], lets_in, self.company.count)
                )
            if event.event == "dsync.deleted":
                self.disconnected.append(self.company.count)

    async def deliver(self, event: Event) -> None:
        """Deliver an event's webhook."""
        answer = await self.inbox.deliver(envelope(event))
        assert answer.status_code == 200, answer.text

    async def work(self, statements: int | None = None) -> None:
        """Apply what is due; the worker dies after so many statements."""
        self.news = True
        begin = Tampered(self.inbox.begin, statements=statements)
        with suppress(Killed):
            while await jobs.apply_next(begin, None):
                pass

    async def catch_up(self, statements: int | None = None) -> None:
        """Read WorkOS's list, as the worker does every minute; it dies after so many statements."""
        self.tick(61)
        with suppress(Killed):
            await flow.catch_up(self.worker, Tampered(self.inbox.begin, statements=statements))

    async def synced(
        self,
        mode: str,
        *,
        statements: int | None = None,
        unit: int | None = None,
        happens: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Read the directory whole, plan it or apply it, and say yes to what was held or planned."""
        self.tick()
        self.news = True
        organization = self.company.tenant.id
        async with self.inbox.begin(organization) as uow:
            found = await Directories(uow, organization).by_workos_id(self.company.homes[-1])
            if found is None or found.state == "deleted":
                return
            with suppress(SyncAlreadyRunning):
                await runs.request(uow, found, mode=mode)
        with suppress(Killed):
            begin = Tampered(self.inbox.begin, statements=statements, unit=unit, happens=happens)
            while await sync.run_next(self.worker, begin):
                pass
        self.listed[found.workos_id] = self.company.count
        await self._confirmed(found.workos_id)

    def _told_by(self, began: datetime) -> int:
        """Return the last change that a listing begun then is sure to tell of, whatever the clocks."""
        return sum(1 for time_ in self.times if time_ <= began - UNSURE)

    async def _confirmed(self, home: str) -> None:
        organization = self.company.tenant.id
        (run,) = await self.owner.fetch(_LAST_RUN, organization, home)
        if run["status"] == "needs_confirmation" or (run["mode"] == "plan" and run["status"] == "completed"):
            with suppress(SyncNotConfirmable, SyncPlanStale):
                async with self.inbox.begin(organization) as uow:
                    confirmed = await SyncRuns(uow).find(run["id"])
                    assert confirmed is not None
                    await runs.confirm(uow, confirmed)
            while await sync.run_next(self.worker, self.inbox.begin):
                pass
        (run,) = await self.owner.fetch(_LAST_RUN, organization, home)
        assert run["status"] in {"completed", "queued", "running", "failed"}, dict(run)
        assert run["error_code"] != "internal", dict(run)
        if run["status"] == "completed" and (run["mode"] == "apply" or run["confirmed_by"]):
            self.applied[home] = max(self.applied.get(home, -1), self._told_by(run["started_at"]))

    async def heal(self) -> None:
        """Let everything come to its end: leases run out, the list is read, what failed is tried again."""
        for _ in range(3):
            self.tick(700)
            await self.catch_up()
            await self.work()
            while await sync.run_next(self.worker, self.inbox.begin):
                pass
            async with self.inbox.begin() as uow:
                await service.release_known(uow)
            await self.work()

    async def plant(self, human: Human) -> None:
        """Give somebody who is let in a session."""
        rows = await self.sql(_PLANT, self.company.email(human), self.inbox.stage.clock.now())
        calm = await self.settled() == self.numbers.keys()
        self.planted += [Planted(row["id"], human, self.company.count, calm) for row in rows]

    async def sql(self, statement: str, *values: object) -> list[Any]:
        """Ask about this company, as the database's owner."""
        return await self.owner.fetch(statement, self.company.tenant.id, *values)

    async def settled(self) -> set[str]:
        """Return the ids of the company's events that were applied or are older news."""
        return {row["event_id"] for row in await self.owner.fetch(_SETTLED, list(self.numbers))}
