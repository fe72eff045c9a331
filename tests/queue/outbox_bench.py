"""Bench of the outbox: work of a test's own, whoever does it, and what the database holds of it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from app import uow as units
from app.kit.ids import SystemIds
from app.queue import outbox_runner
from app.queue.outbox import Job, Wish
from app.uow import Actor
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import Stage

Do = Callable[[Job], Awaitable[None]]


class OutboxBench:
    """A job of this test's own name, wanted by the tenant of `home`."""

    def __init__(self, stage: Stage, home: UUID) -> None:
        self.clock = FrozenClock()
        self.runtime = replace(stage.assembly.runtime, clock=self.clock)
        self.home = home
        self.name = f"test.{SystemIds().uuid().hex}"
        self.done: list[Job] = []
        self._begin = units.beginner(self.runtime)
        self._sql = stage.sql

    async def want(self, *keys: str, request_id: str | None = None, **payload: Any) -> None:  # noqa: ANN401 -- JSON
        """Want work about these things, in one transaction."""
        async with self._begin(self.home, actor=Actor(request_id=request_id)) as uow:
            await uow.enqueue([Wish(self.name, key, payload) for key in keys])

    async def note(self, job: Job) -> None:
        """Do a job: remember it."""
        self.done.append(job)

    async def step(self, begin: Any, do: Do | None = None) -> bool:  # noqa: ANN401 -- a worker's Begin
        """Let a worker do the next piece of work."""
        return await outbox_runner.run_next(begin, {self.name: do or self.note})

    async def rows(self) -> list[Any]:
        """Return the rows of this job, the oldest first."""
        return await self._sql("select * from outbox where job = $1 order by id", self.name)

    async def row(self) -> Any:  # noqa: ANN401 -- asyncpg's record
        """Return its one row."""
        (row,) = await self.rows()
        return row

    def advance(self, **duration: float) -> None:
        """Let time pass."""
        self.clock.advance(**duration)

    @property
    def now(self) -> Any:  # noqa: ANN401 -- datetime
        return self.clock.now()

    def after(self, **duration: float) -> Any:  # noqa: ANN401 -- datetime
        return self.now + timedelta(**duration)
