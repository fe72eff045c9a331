"""The catch-up: what WorkOS lists as having happened is read and kept, whether its webhook came or not.

WorkOS holds events back from its list for some seconds after their webhooks went out, so how far we have read never
follows from webhooks, and every reading begins a while before the last one began (workos.md section 3). What is here
already is recognised by its id.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from app import log
from app.problems import Problem, SettingsIncomplete
from app.runtime import Runtime
from app.uow import Begin
from app.webhooks import delivery
from app.webhooks.poll_repository import EventPolls, Lease
from app.webhooks.repository import Deliveries
from app.workos import events
from app.workos.bodies import encode

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
        lease = await EventPolls(uow).lease(every=EVERY, again_after=AGAIN_AFTER, lasting=_LASTING)
        now = uow.now
    if lease is None:
        return None
    try:
        new = await _read(runtime, begin, _since(lease, now), now)
    except Problem as problem:
        if not isinstance(problem, SettingsIncomplete):
            _logger.warning("webhooks.catch_up.failed", problem=problem.code)
        await _failed(begin, f"{problem.title} {problem.detail or ''}".strip())
        return None
    except Exception as error:
        await _failed(begin, f"A fault of ours: {type(error).__name__}.")
        raise
    async with begin() as uow:
        # Up to our own clock, and not to the newest event's: one that is dated ahead would end the reading until then,
        # and where nothing happens there is none.
        await EventPolls(uow).read_up_to(now, lease)
    if new:
        _logger.info("webhooks.catch_up.healed", events=new)
    return new


async def _failed(begin: Begin, reason: str) -> None:
    async with begin() as uow:
        await EventPolls(uow).failed(reason)


def _since(lease: Lease, now: datetime) -> datetime:
    """Return from when on to read: the last reading's beginning, or what was missed, with an overlap."""
    since = min(lease.read_to, lease.wanted_since or now, now) - OVERLAP
    if since < now - HISTORY:
        _logger.error("webhooks.history.lost", since=since.isoformat())
    return max(since, now - HISTORY + OVERLAP)


async def _read(runtime: Runtime, begin: Begin, since: datetime, now: datetime) -> int:
    store = Deliveries(runtime.lane, runtime.ids, runtime.clock).store
    new = 0
    for start, end in _windows(since, now):
        after: str | None = None
        while True:
            page = await runtime.workos.list_events(events=events.WANTED, after=after, range_start=start, range_end=end)
            told = [delivery.read(encode(event.raw), "events_api") for event in page.items]
            new += sum((await store(told)).values()) if told else 0
            after = page.after
            if after is None:
                break
            async with begin() as uow:
                await EventPolls(uow).prolong(_LASTING)
    return new


def _windows(since: datetime, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield spans that one question may have; the last one is open, for WorkOS's clock may be ahead of ours."""
    while now - since > _WINDOW:
        yield since, since + _WINDOW
        since += _WINDOW
    yield since, None
