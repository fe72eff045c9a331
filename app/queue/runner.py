"""Runner: does one step of work after the other while there is any, and looks again a little later."""

import asyncio
from collections.abc import Awaitable, Callable

from app import log

_logger = log.get("queue.runner")
_PAUSE_AFTER_FAILURE_S = 1.0


async def run_steps(step: Callable[[], Awaitable[bool]], stop: asyncio.Event, *, idle: float) -> None:
    """Take steps until `stop` is set; the one under way is finished first.

    Args:
        step: does one piece of work in its own transaction; returns whether there was any.
        stop: set when the process is to end.
        idle: seconds until the next look when there was nothing to do.
    """
    while not stop.is_set():
        try:
            pause = 0.0 if await step() else idle
        except Exception as error:  # noqa: BLE001 -- a worker that dies would not come back with its database
            _logger.warning("queue.step.failed", reason=log.redact(repr(error))[:300])
            pause = _PAUSE_AFTER_FAILURE_S
        if pause:
            await _wait(stop, pause)


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
