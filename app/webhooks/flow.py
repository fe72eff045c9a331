"""The catch-up: what WorkOS lists as having happened is read and kept, whether its webhook came or not.

WorkOS holds events back from its list for some seconds after their webhooks went out, so how far we have read never
follows from webhooks, and every reading begins a while before the last one began (workos.md section 3). What is here
already is recognised by its id. A reading that breaks off goes on behind the last page that was kept, and counts as
begun when it was first: what WorkOS listed late, before or after it broke off, is in the next one's overlap.
"""

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from app import log
from app.problems import Problem, SettingsIncomplete
from app.runtime import Runtime
from app.uow import Begin
from app.webhooks import delivery
from app.webhooks.poll_repository import EventPolls, Lease, Position
from app.webhooks.repository import Deliveries
from app.workos import events
from app.workos.bodies import encode
from app.workos.errors import EventsCursorRejected
from app.workos.records import Event, Page

EVERY: Final = timedelta(seconds=60)
AGAIN_AFTER: Final = timedelta(seconds=5)
OVERLAP: Final = timedelta(minutes=10)
HISTORY: Final = timedelta(days=90)
"""How long WorkOS lists events; one question may span 30 days (workos.com/docs/events/data-syncing/events-api)."""
_WINDOW: Final = timedelta(days=29)
_LASTING: Final = timedelta(minutes=2)
_logger = log.get("webhooks")


async def catch_up(runtime: Runtime, begin: Begin) -> int | None:
    """Keep every event that WorkOS lists since the last reading; return how many were new.

    None when it is not due, another process reads, or WorkOS could not be asked: then it is tried again after a
    minute, and the row of `event_polls` says why.
    """
    async with begin() as uow:
        polls = EventPolls(uow)
        lease = await polls.lease(every=EVERY, again_after=AGAIN_AFTER, lasting=_LASTING)
        if lease is None:
            return None
        start, now = await _start(polls, lease, uow.now), uow.now
    try:
        new = await _Reading(runtime, begin, lease).read(start, now)
    except Problem as problem:
        if not isinstance(problem, SettingsIncomplete):
            _logger.warning("webhooks.catch_up.failed", problem=problem.code)
        await _failed(begin, f"{problem.title} {problem.detail or ''}".strip())
        return None
    except asyncio.CancelledError:
        async with begin() as uow:
            await EventPolls(uow).leave()  # the process ends: the next one need not wait until the lease is over
        raise
    except Exception as error:
        await _failed(begin, f"A fault of ours: {type(error).__name__}.")
        raise
    async with begin() as uow:
        # Up to our own clock, and not to the newest event's: one that is dated ahead would end the reading until then,
        # and where nothing happens there is none.
        await EventPolls(uow).finished(lease)
    if new:
        _logger.info("webhooks.catch_up.healed", events=new)
    return new


async def _failed(begin: Begin, reason: str) -> None:
    async with begin() as uow:
        await EventPolls(uow).failed(reason)


async def _start(polls: EventPolls, lease: Lease, now: datetime) -> Position:
    """Return where to read on; of a new reading the last one's beginning, or what was missed, with an overlap.

    What is older than WorkOS's list is lost, but for what a listing of each directory tells.
    """
    since = min(lease.read_to, lease.wanted_since or now, now) - OVERLAP
    start = lease.position or Position(since, None)
    if start.since < now - HISTORY:
        _logger.error("webhooks.history.lost", since=start.since.isoformat())
        await polls.want_syncs()
    earliest = now - HISTORY + OVERLAP
    return start if start.since >= earliest else Position(earliest, None)


class _Reading:
    """One reading, page by page, each kept and noted before the next is asked for."""

    def __init__(self, runtime: Runtime, begin: Begin, lease: Lease) -> None:
        self._runtime = runtime
        self._begin = begin
        self._lease = lease
        self._store = Deliveries(runtime.lane, runtime.ids, runtime.clock).store

    async def read(self, start: Position, now: datetime) -> int:
        """Read from a position up to now; return how many events were new."""
        new, after = 0, start.after
        for since, until in _windows(start.since, now):
            new += await self._window(since, until, after)
            after = None
        return new

    async def _window(self, since: datetime, until: datetime | None, after: str | None) -> int:
        try:
            page = await self._ask(after, since, until)
        except EventsCursorRejected:
            if after is None:
                raise
            # WorkOS has forgotten the event that we stopped at; a refusal of any later page is a failure as others are.
            page = await self._ask(None, since, until)
        new = await self._keep(page)
        while page.after is not None:
            await self._note(Position(since, page.after))
            page = await self._ask(page.after, since, until)
            new += await self._keep(page)
        if until is not None:
            await self._note(Position(until, None))
        return new

    async def _ask(self, after: str | None, since: datetime, until: datetime | None) -> Page[Event]:
        workos = self._runtime.workos
        return await workos.list_events(events=events.WANTED, after=after, range_start=since, range_end=until)

    async def _keep(self, page: Page[Event]) -> int:
        told = [delivery.read(encode(event.raw), "events_api") for event in page.items]
        return sum((await self._store(told)).values()) if told else 0

    async def _note(self, position: Position) -> None:
        async with self._begin() as uow:
            await EventPolls(uow).progress(self._lease, position, _LASTING)


def _windows(since: datetime, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield spans that one question may have; the last one is open, for WorkOS's clock may be ahead of ours."""
    while now - since > _WINDOW:
        yield since, since + _WINDOW
        since += _WINDOW
    yield since, None
