"""Periodic jobs: each runs in one process at a time, whoever comes first when it is due."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from app import log
from app.db.driver import fetch, fetch_one

_logger = log.get("queue.periodic")
_KNOW = """
insert into periodic_jobs (name, last_run_at) select name, 'epoch' from unnest($1::text[]) as name
on conflict (name) do nothing
"""
# Skip, do not wait: a job that another worker holds is being done.
_CLAIM = "select name from periodic_jobs where name = $1 and last_run_at <= $2 for update skip locked"
_DONE = "update periodic_jobs set last_run_at = $2, last_error = $3 where name = $1"


class Unit(Protocol):
    """What this floor needs of a unit of work, which is built above it."""

    @property
    def db(self) -> AsyncSession:
        """The transaction."""
        ...

    @property
    def now(self) -> datetime:
        """Its instant."""
        ...


U = TypeVar("U", bound=Unit)
Begin = Callable[[], AbstractAsyncContextManager[U]]


@dataclass(frozen=True, slots=True)
class Periodic(Generic[U]):
    """A job and how often it runs; its work commits together with the note that it ran."""

    every: timedelta
    run: Callable[[U], Awaitable[None]]


async def run_due(begin: Begin[U], jobs: Mapping[str, Periodic[U]], *, concurrency: int = 1) -> list[str]:
    """Run every job that is due and that no other process runs; return the names of those that succeeded.

    At most `concurrency` jobs are under way at once.
    """
    places = asyncio.Semaphore(concurrency)

    async def attempt(name: str, job: Periodic[U]) -> bool:
        async with places:
            try:
                return await _run_once(begin, name, job)
            except Exception as error:
                # One failing job must not keep the others from running.
                _logger.exception("queue.job.failed", job=name)
                await _note(begin, name, log.redact(repr(error))[:300])
                return False

    if not await _make_known(begin, jobs):
        return []
    outcomes = await asyncio.gather(*(attempt(name, job) for name, job in jobs.items()))
    return [name for name, done in zip(jobs, outcomes, strict=True) if done]


async def take_turn(unit: Unit, name: str, every: timedelta) -> bool:
    """Return whether this process is to do a job now; noted with the unit, before it is done.

    For what asks others over a network: a job of `run_due` would hold its transaction open for so long.
    """
    await fetch(unit.db, _KNOW, [name])
    if await fetch_one(unit.db, _CLAIM, name, unit.now - every) is None:
        return False
    await fetch(unit.db, _DONE, name, unit.now, None)
    return True


async def _make_known(begin: Begin[U], names: Collection[str]) -> bool:
    """Give every job its row; return False when the database is away.

    In a unit of their own: a job's first run would otherwise hold the very row that others must find locked.
    """
    try:
        async with begin() as unit:
            await fetch(unit.db, _KNOW, list(names))
    except Exception as error:  # noqa: BLE001 -- a worker that dies would not come back with its database
        _logger.warning("queue.jobs.unreachable", reason=log.redact(repr(error))[:300])
        return False
    return True


async def _run_once(begin: Begin[U], name: str, job: Periodic[U]) -> bool:
    async with begin() as unit:
        if await fetch_one(unit.db, _CLAIM, name, unit.now - job.every) is None:
            return False
        await job.run(unit)
        await fetch(unit.db, _DONE, name, unit.now, None)
    return True


async def _note(begin: Begin[U], name: str, error: str) -> None:
    """Keep why it failed; it is tried again after its interval."""
    try:
        async with begin() as unit:
            await fetch(unit.db, _DONE, name, unit.now, error)
    except Exception as second:  # noqa: BLE001 -- the database is away; the log has the first reason
        _logger.warning("queue.job.unnoted", job=name, reason=repr(second)[:300])


async def run_until(
    begin: Begin[U], jobs: Mapping[str, Periodic[U]], stop: asyncio.Event, *, pause: float, concurrency: int = 1
) -> None:
    """Run what is due every `pause` seconds until `stop` is set; what is under way is finished first."""
    while not stop.is_set():
        await run_due(begin, jobs, concurrency=concurrency)
        try:
            async with asyncio.timeout(pause):
                await stop.wait()
        except TimeoutError:
            continue
