"""Turns: calls wait until the pace lets them."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from app.workos.errors import UpstreamUnavailable
from app.workos.pace import Pace


@asynccontextmanager
async def turn(pace: Pace, key: str, monotonic: Callable[[], float], longest_wait: float) -> AsyncGenerator[None]:
    """Hold a turn of the pace. Raises `UpstreamUnavailable` (cause `crowded`) when none came in time."""
    began = monotonic()
    while wait := pace.wait(key, monotonic()):
        if monotonic() + wait - began > longest_wait:
            raise UpstreamUnavailable("Too many calls of one kind are waiting.", cause="crowded", retry_after=1)
        await asyncio.sleep(wait)
    pace.take(key, monotonic())
    try:
        yield
    finally:
        pace.give_back(key, monotonic())  # without it the turn of a call that was given up would never come back
