"""Bulkhead: so many calls at once and no more, with a bounded wait for a place."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from app.workos.errors import UpstreamUnavailable


class Bulkhead:
    """Keeps a slow WorkOS from holding every task and socket of the process (threats.md G2)."""

    def __init__(self, *, places: int, wait: float) -> None:
        """Take the number of calls that may run at once, and how many seconds a further one waits for a place."""
        self._places = asyncio.Semaphore(places)
        self._wait = wait

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Hold one place; it is free again however the block ends, by a cancellation too.

        Raises `UpstreamUnavailable` (cause `crowded`) when none became free in time.
        """
        await self._take()
        try:
            yield
        finally:
            self._places.release()

    async def _take(self) -> None:
        if not self._places.locked():
            await self._places.acquire()  # a place is free: nothing to wait for, and so no timer
            return
        try:
            async with asyncio.timeout(self._wait):
                await self._places.acquire()
        except TimeoutError:
            raise UpstreamUnavailable("Too many calls to WorkOS are waiting already.", cause="crowded") from None
