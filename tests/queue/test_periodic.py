"""Periodic jobs over a real Postgres: when due, in one process at a time, and a failure stops nobody else."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Never
from uuid import UUID

import asyncpg
import pytest

from app import uow as units
from app.kit.ids import SystemIds
from app.queue.periodic import Begin, Periodic, run_due, run_until
from app.sessions.repository import mark_stale
from app.uow import PLATFORM, UnitOfWork
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import Stage
from tests.logs import logged

HOUR = timedelta(hours=1)
Work = Callable[[UnitOfWork], Awaitable[None]]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
Jobs = dict[str, Periodic[UnitOfWork]]


class Bench:
    """Jobs of this test's own, the units they get, and what the database holds of them."""

    def __init__(self, stage: Stage) -> None:
        self.clock = FrozenClock()
        self.begin: Begin[UnitOfWork] = partial(
            units.beginner(replace(stage.assembly.runtime, clock=self.clock)), PLATFORM
        )
        self._sql = stage.sql
        self.ran: list[str] = []
        self._ids = SystemIds()
        self._own = self._ids.uuid().hex
        self._marks: dict[str, UUID] = {}

    def name(self, short: str = "job") -> str:
        return f"test.{short}.{self._own}"

    def jobs(self, **work: Work) -> Jobs:
        """Return hourly jobs by short name."""
        return {self.name(short): Periodic(HOUR, run) for short, run in work.items()}

    async def write(self, uow: UnitOfWork, short: str = "job") -> None:
        """Write a row in the job's transaction: some row that a worker may write and that disturbs nobody."""
        mark = self._marks.setdefault(short, self._ids.uuid())
        await mark_stale(uow, "sid", str(mark))

    def noting(self, short: str = "job") -> Work:
        """Return a job that writes a row and remembers that it ran."""

        async def run(uow: UnitOfWork) -> None:
            await self.write(uow, short)
            self.ran.append(short)

        return run

    async def known(self, *shorts: str) -> None:
        """Let these jobs have run an hour ago."""
        await run_due(self.begin, self.jobs(**dict.fromkeys(shorts, nothing)))
        self.clock.advance(hours=1)

    async def due(self, jobs: Jobs) -> list[str]:
        """Run what is due; return the short names of what succeeded."""
        return [name.split(".")[1] for name in await run_due(self.begin, jobs)]

    async def wrote(self, short: str = "job") -> int:
        """Return how many rows a job has written."""
        mark = str(self._marks.get(short))
        rows = await self._sql("select count(*) as n from stale_sessions where value = $1", mark)
        return int(rows[0]["n"])

    async def row(self, short: str = "job") -> Any:  # noqa: ANN401 -- asyncpg's record
        """Return what is kept of a job."""
        found = await self._sql("select last_run_at, last_error from periodic_jobs where name = $1", self.name(short))
        return found[0] if found else None


async def nothing(_uow: UnitOfWork) -> None:
    pass


async def fail(_uow: UnitOfWork) -> Never:
    raise LookupError("the reason")


@pytest.fixture
async def bench(stage: Stage) -> Bench:
    return Bench(stage)


async def test_a_job_runs_when_its_interval_has_passed(bench: Bench) -> None:
    jobs = bench.jobs(job=bench.noting())
    assert await bench.due(jobs) == ["job"], "never ran, so it is due"
    assert await bench.due(jobs) == []
    bench.clock.advance(minutes=59, seconds=59)
    assert await bench.due(jobs) == []
    bench.clock.advance(seconds=1)
    assert await bench.due(jobs) == ["job"]
    assert bench.ran == ["job", "job"]
    assert await bench.wrote() == 2
    assert (await bench.row())["last_error"] is None


async def test_each_job_has_an_interval_of_its_own(bench: Bench) -> None:
    jobs = bench.jobs(slow=bench.noting("slow"))
    jobs[bench.name("quick")] = Periodic(timedelta(seconds=30), bench.noting("quick"))
    assert await bench.due(jobs) == ["slow", "quick"]
    bench.clock.advance(seconds=30)
    assert await bench.due(jobs) == ["quick"]


async def test_of_many_processes_one_runs_it(bench: Bench) -> None:
    jobs = bench.jobs(job=bench.noting())
    await bench.known("job")
    for _ in range(3):
        done = await asyncio.gather(*(bench.due(jobs) for _ in range(5)))
        assert sorted(done) == [[], [], [], [], ["job"]]
        bench.clock.advance(hours=1)
    assert await bench.wrote() == 3


async def test_who_comes_while_it_runs_does_something_else(bench: Bench) -> None:
    """Nobody waits for a job that another process is doing."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def long(uow: UnitOfWork) -> None:
        await bench.write(uow, "long")
        entered.set()
        await go_on.wait()

    both = bench.jobs(long=long, other=bench.noting("other"))
    await bench.known("long", "other")
    first = asyncio.create_task(bench.due(both))
    await entered.wait()
    async with asyncio.timeout(1):
        assert await bench.due(both) == ["other"]
    go_on.set()
    assert await first == ["long"]


@pytest.mark.parametrize("places", [1, 2, 5])
async def test_so_many_run_at_once_and_no_more(places: int, bench: Bench) -> None:
    under_way: set[int] = set()
    most = 0

    def counting(number: int) -> Work:
        async def run(_uow: UnitOfWork) -> None:
            nonlocal most
            under_way.add(number)
            most = max(most, len(under_way))
            await asyncio.sleep(0.02)
            under_way.remove(number)

        return run

    jobs = bench.jobs(**{f"job{number}": counting(number) for number in range(4)})
    assert await run_due(bench.begin, jobs, concurrency=places) == list(jobs)
    assert most == min(places, 4)


async def test_work_and_note_are_one_commit(bench: Bench) -> None:
    seen: list[object] = []

    async def work(uow: UnitOfWork) -> None:
        await bench.write(uow)
        seen.extend((await bench.wrote(), (await bench.row())["last_run_at"]))

    assert await bench.due(bench.jobs(job=work)) == ["job"]
    assert seen == [0, NEVER], "nothing is there before everything is"
    assert (await bench.wrote(), (await bench.row())["last_error"]) == (1, None)


async def test_a_failure_is_noted_and_the_others_run(bench: Bench) -> None:
    async def half(uow: UnitOfWork) -> None:
        await bench.write(uow, "bad")
        await fail(uow)

    await bench.known("first", "bad", "last")
    jobs = bench.jobs(first=bench.noting("first"), bad=half, last=bench.noting("last"))
    with logged() as log:
        assert await bench.due(jobs) == ["first", "last"]
    assert [line["job"] for line in log.of("queue.job.failed")] == [bench.name("bad")]
    assert (await bench.row("bad"))["last_error"] == "LookupError('the reason')"
    assert await bench.wrote("bad") == 0, "what it had written is undone"
    assert (await bench.row("last"))["last_error"] is None


async def test_a_job_that_never_succeeded_waits_for_its_interval_too(bench: Bench) -> None:
    with logged() as log:
        for _ in range(3):
            assert await bench.due(bench.jobs(job=fail)) == []
    assert len(log.of("queue.job.failed")) == 1
    assert (await bench.row())["last_error"] == "LookupError('the reason')"


async def test_a_statement_that_fails_is_noted_too(bench: Bench) -> None:
    """It breaks the job's own transaction, so the note needs another."""

    async def broken(uow: UnitOfWork) -> None:
        await (await uow.db.connection()).exec_driver_sql("select 1/0")

    await bench.known("job")
    with logged():
        assert await bench.due(bench.jobs(job=broken)) == []
    assert "division by zero" in (await bench.row())["last_error"]
    assert len((await bench.row())["last_error"]) <= 300


async def test_what_failed_is_tried_again_after_its_interval_and_then_forgiven(bench: Bench) -> None:
    await bench.known("job")
    with logged():
        await bench.due(bench.jobs(job=fail))
    assert await bench.due(bench.jobs(job=bench.noting())) == [], "not at once: it would fail as fast as it can"
    bench.clock.advance(hours=1)
    assert await bench.due(bench.jobs(job=bench.noting())) == ["job"]
    assert (await bench.row())["last_error"] is None


async def test_a_killed_process_leaves_its_job_due(bench: Bench) -> None:
    entered = asyncio.Event()

    async def endless(uow: UnitOfWork) -> None:
        await bench.write(uow)
        entered.set()
        await asyncio.Event().wait()

    running = asyncio.create_task(bench.due(bench.jobs(job=endless)))
    await entered.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (await bench.wrote(), (await bench.row())["last_run_at"]) == (0, NEVER)
    assert await bench.due(bench.jobs(job=bench.noting())) == ["job"]


async def test_of_two_workers_at_a_first_run_one_passes_it_over(bench: Bench) -> None:
    """Waiting for the other's row, it would time out and note a failure over the other's success."""
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(uow: UnitOfWork) -> None:
        await bench.write(uow)
        entered.set()
        await leave.wait()

    first = asyncio.create_task(bench.due(bench.jobs(job=slow)))
    await entered.wait()
    async with asyncio.timeout(1):
        assert await bench.due(bench.jobs(job=bench.noting())) == []
    leave.set()
    assert await first == ["job"]
    assert ((await bench.row())["last_error"], bench.ran) == (None, [])


async def test_a_database_that_is_away_ends_nothing(bench: Bench) -> None:
    def away() -> Never:
        raise asyncpg.InterfaceError("away")

    with logged() as log:
        assert await run_due(away, bench.jobs(first=bench.noting(), second=bench.noting())) == []
    assert len(log.of("queue.jobs.unreachable")) == 1
    assert bench.ran == []


async def test_the_round_under_way_is_finished_before_the_worker_stops(bench: Bench) -> None:
    stop = asyncio.Event()

    async def stopping(uow: UnitOfWork) -> None:
        stop.set()
        await bench.noting("first")(uow)

    jobs = bench.jobs(first=stopping, second=bench.noting("second"))
    async with asyncio.timeout(2):
        await run_until(bench.begin, jobs, stop, pause=60)
    assert bench.ran == ["first", "second"]


async def test_the_worker_looks_again_after_its_pause(bench: Bench) -> None:
    stop = asyncio.Event()

    async def run(_uow: UnitOfWork) -> None:
        bench.ran.append("job")
        bench.clock.advance(hours=1)
        if len(bench.ran) == 3:
            stop.set()

    async with asyncio.timeout(2):
        await run_until(bench.begin, bench.jobs(job=run), stop, pause=0.01)
    assert bench.ran == ["job"] * 3
