"""Runner: does one step of work after the other while there is any, and looks again when woken or a little later."""

import asyncio
from collections.abc import Awaitable, Callable

from app import log
from app.queue.wakeup import Bell

_logger = log.get("queue.runner")
_PAUSE_AFTER_FAILURE_S = 1.0


async def run_steps(
    step: Callable[[], Awaitable[bool]], stop: asyncio.Event, *, idle: float, bell: Bell | None = None
) -> None:
    """Take steps until `stop` is set; the one under way is finished first.

    Args:
        step: does one piece of work in its own transaction; returns whether there was any.
        stop: set when the process is to end.
        idle: seconds until the next look when there was nothing to do.
        bell: ends that wait when it rings. It does not end the pause after a failure: a database that is away would be
            asked as fast as it refuses.
    """
    while not stop.is_set():
        woken = bell.next if bell else None  # before the look: what comes during it must not wait for the next
        try:
            if await step():
                continue
        except Exception as error:  # noqa: BLE001 -- a worker that dies would not come back with its database
            _logger.warning("queue.step.failed", reason=log.redact(repr(error))[:300])
            await _wait(stop, seconds=_PAUSE_AFTER_FAILURE_S)
        else:
            await _wait(stop, woken, seconds=idle)


async def _wait(*events: asyncio.Event | None, seconds: float) -> None:
    """Wait until one of the events is set, at most so long."""
    waiting = [asyncio.create_task(event.wait()) for event in events if event is not None]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
