"""Outbox runner: takes work, keeps the right to it while it lasts, and writes down how it ended.

The right is a lease with a heartbeat: what a killed worker held is taken up by another one a minute later. So a job may
be done twice, and each must be idempotent; the network is used with no transaction open.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final, Protocol, TypeVar
from uuid import UUID

from app import log
from app.db.engine import is_unavailable
from app.kit.backoff import full_jitter
from app.problems import DatabaseUnavailable, Problem
from app.queue import outbox
from app.queue.outbox import Job, Unit

LASTING: Final = timedelta(seconds=60)
TRIES: Final = 12
"""Failures of its own after which a job is dead; together they take about three quarters of an hour."""
PATIENCE: Final = timedelta(days=3)
"""How long a job waits for somebody who is away: WorkOS, our database, settings that are not complete."""
_BEAT_SECONDS: Final = 15.0
_BASE_SECONDS: Final = 5.0
_LONGEST_SECONDS: Final = 900.0
_AWAY: Final = 503
_logger = log.get("queue.outbox")

Handler = Callable[[Job], Awaitable[None]]
U_co = TypeVar("U_co", bound=Unit, covariant=True)


class Begin(Protocol[U_co]):
    """Opens a unit of work of an organization, or of none."""

    def __call__(self, organization: UUID | None = None) -> AbstractAsyncContextManager[U_co]:
        """Return a context manager that yields the unit."""
        ...


class Hopeless(Exception):  # noqa: N818 -- named for what happened
    """A job can say that trying again changes nothing; its text is the reason, with what to do about it."""


async def run_next(begin: Begin[Unit], handlers: Mapping[str, Handler]) -> bool:
    """Do the next piece of work of the outbox; return whether there was any."""
    async with begin() as unit:
        job = await outbox.take(unit, list(handlers), lasting=LASTING)
    if job is None:
        return False
    log.bind_request(job.request_id or job.id.hex)
    if job.failures >= TRIES:  # each time it was taken its worker has died, and so nobody wrote down anything
        await _end(begin, job, "Every worker that began it has died. Read their logs, then replay it.")
        return True
    try:
        done = await _held(begin, job, handlers[job.name])
    except Hopeless as hopeless:
        await _end(begin, job, str(hopeless))
    except Problem as problem:
        await _later(begin, job, problem)
    except Exception as error:
        if is_unavailable(error):
            await _later(begin, job, DatabaseUnavailable())
            return True
        _logger.exception("queue.outbox.crashed", job=job.name, job_id=str(job.id))
        await _failed(begin, job, f"A fault of ours: {type(error).__name__}.", retry_after=0.0)
    else:
        if done:
            async with begin(job.organization_id) as unit:
                await outbox.finish(unit, job)
    return True


async def _held(begin: Begin[Unit], job: Job, handler: Handler) -> bool:
    """Do a job while keeping the right to it; return False where that was lost, and the job given up with it."""
    working = asyncio.ensure_future(handler(job))
    beating = asyncio.create_task(_beat(begin, job))
    try:
        await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            working.result()
            return True
        _logger.warning("queue.outbox.lost", job=job.name, job_id=str(job.id))
        return False
    finally:
        for task in (working, beating):
            task.cancel()
        await asyncio.gather(working, beating, return_exceptions=True)


async def _beat(begin: Begin[Unit], job: Job) -> None:
    """Return once the right to the job is lost."""
    while True:
        await asyncio.sleep(_BEAT_SECONDS)
        try:
            async with begin(job.organization_id) as unit:
                if not await outbox.keep(unit, job, lasting=LASTING):
                    return
        except Exception as error:  # noqa: BLE001 -- the database is away for a moment; the lease lasts for three beats more
            _logger.warning("queue.outbox.heartbeat_failed", reason=log.redact(repr(error))[:300])


async def _later(begin: Begin[Unit], job: Job, problem: Problem) -> None:
    """Try again later; who is away is waited for, and no fault of the job's."""
    said = f"{problem.title} {problem.detail or ''}".strip()
    wait = problem.headers.get("Retry-After", "0")
    if problem.status != _AWAY:
        await _failed(begin, job, f"{said} {problem.remedy}", retry_after=0.0)
        return
    async with begin(job.organization_id) as unit:
        if unit.now - job.created_at > PATIENCE:
            await outbox.bury(unit, job, f"{said} It was tried for three days. {problem.remedy} Then replay it.")
            _told_dead(job, said)
        else:
            pause = _pause(job, float(wait) if wait.isdigit() else 0.0)
            await outbox.try_again(unit, job, said, after=pause, blamed=False)


async def _failed(begin: Begin[Unit], job: Job, reason: str, *, retry_after: float) -> None:
    if job.failures + 1 >= TRIES:
        await _end(begin, job, f"{reason} It was tried {TRIES} times.")
        return
    async with begin(job.organization_id) as unit:
        await outbox.try_again(unit, job, reason, after=_pause(job, retry_after), blamed=True)


async def _end(begin: Begin[Unit], job: Job, reason: str) -> None:
    async with begin(job.organization_id) as unit:
        await outbox.bury(unit, job, reason)
    _told_dead(job, reason)


def _told_dead(job: Job, reason: str) -> None:
    _logger.error("queue.outbox.dead", job=job.name, job_id=str(job.id), reason=reason)


def _pause(job: Job, retry_after: float) -> timedelta:
    """Return how long to wait: what was asked for, and full jitter on top, which spreads what failed together."""
    drawn = full_jitter(str(job.id), job.attempts, base=_BASE_SECONDS, longest=_LONGEST_SECONDS)
    return timedelta(seconds=retry_after + drawn)
