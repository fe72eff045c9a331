"""Lane: one kind of call, with its own breaker, bulkhead and deadline, so that no kind takes another down."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from app.problems import Problem
from app.workos.breaker import Breaker
from app.workos.bulkhead import Bulkhead
from app.workos.errors import UpstreamUnavailable

T = TypeVar("T")


class Lane:
    """Runs calls. Time is of a monotonic clock, in seconds."""

    def __init__(
        self, breaker: Breaker, bulkhead: Bulkhead, *, deadline: float, monotonic: Callable[[], float]
    ) -> None:
        self.breaker = breaker
        self._bulkhead = bulkhead
        self._deadline = deadline
        self._monotonic = monotonic

    async def run(self, call: Callable[[], Awaitable[T]]) -> T:
        """Return what the call returns, within the deadline, the wait for a place included.

        Raises the call's own Problem, and `UpstreamUnavailable` when the breaker is open (cause `open`: at once), no
        place became free (`crowded`) or the deadline passed (`timeout`).
        """
        if self.breaker.wait(self._monotonic()):
            raise self._stopped()  # before the queue for a place: an open breaker answers at once
        ends = asyncio.get_running_loop().time() + self._deadline
        async with self._bulkhead.place():
            ticket = self.breaker.admit(self._monotonic())
            if ticket is None:
                raise self._stopped()
            return await self._watched(call, ticket, ends)

    async def _watched(self, call: Callable[[], Awaitable[T]], ticket: int, ends: float) -> T:
        try:
            async with asyncio.timeout_at(ends):
                result = await call()
        except TimeoutError:
            self.breaker.failed(ticket, self._monotonic())
            raise UpstreamUnavailable("WorkOS took too long to answer.", cause="timeout") from None
        except UpstreamUnavailable as problem:
            self._blame(ticket, problem)
            raise
        except Problem:
            self.breaker.succeeded(ticket)  # a refusal is an answer: bad codes must not stop good logins
            raise
        except BaseException:
            self.breaker.abandoned(ticket)  # the browser went away, say: without this the one probe would never end
            raise
        self.breaker.succeeded(ticket)
        return result

    def _blame(self, ticket: int, problem: UpstreamUnavailable) -> None:
        if problem.cause == "rate_limited":
            self.breaker.hold(self._monotonic(), problem.retry_after)
        else:
            self.breaker.failed(ticket, self._monotonic())

    def _stopped(self) -> UpstreamUnavailable:
        wait = self.breaker.wait(self._monotonic())
        return UpstreamUnavailable("Calls to WorkOS are paused for a moment.", cause="open", retry_after=wait)
