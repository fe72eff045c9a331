"""The outbox over a real Postgres: what is committed is done, what fails is tried again, what is hopeless says why."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Never

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.problems import Conflict, SettingsIncomplete
from app.queue import outbox, outbox_runner
from app.queue.outbox import Job, Wish
from app.queue.outbox_runner import Hopeless
from app.uow import Begin
from app.workos.errors import UpstreamUnavailable
from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged
from tests.queue.outbox_bench import OutboxBench


@pytest.fixture
async def bench(stage: Stage, tenant: Tenant) -> OutboxBench:
    return OutboxBench(stage, tenant.id)


@pytest.fixture
async def worker(stage: Stage, bench: OutboxBench) -> AsyncGenerator[Begin]:
    async with assembled(stage.config, stage.database, role="gw_worker", clock=bench.clock) as assembly:
        yield units.beginner(assembly.runtime)


async def test_what_is_wanted_is_done_once(bench: OutboxBench, worker: Begin) -> None:
    await bench.want("a", request_id="the-request", word="x")
    assert await bench.step(worker)
    assert not await bench.step(worker)
    (job,) = bench.done
    assert (job.name, job.key, job.payload, job.organization_id) == (bench.name, "a", {"word": "x"}, bench.home)
    assert job.request_id == "the-request"
    row = await bench.row()
    assert (row["status"], row["attempts"]) == ("done", 1)
    assert row["done_at"] is not None


async def test_what_is_rolled_back_is_never_done(bench: OutboxBench, worker: Begin) -> None:
    class Undone(Exception):  # noqa: N818 -- the test's own
        pass

    async def undo() -> None:
        async with units.beginner(bench.runtime)(bench.home) as uow:
            await uow.enqueue([Wish(bench.name, "a")])
            raise Undone

    with pytest.raises(Undone):
        await undo()
    assert not await bench.step(worker)
    assert await bench.rows() == []


async def test_what_waits_already_is_not_queued_twice(bench: OutboxBench, worker: Begin) -> None:
    await bench.want("a", "b")
    await bench.want("b", "a", "c")
    assert len(await bench.rows()) == 3
    while await bench.step(worker):
        pass
    assert sorted(job.key for job in bench.done) == ["a", "b", "c"]


async def test_what_is_under_way_is_wanted_anew(bench: OutboxBench, worker: Begin) -> None:
    """It may have begun before the deed that wants it now."""

    async def meanwhile(job: Job) -> None:
        await bench.note(job)
        if len(bench.done) == 1:
            await bench.want("a")

    await bench.want("a")
    while await bench.step(worker, meanwhile):
        pass
    assert len(bench.done) == 2


async def test_a_worker_takes_only_what_it_knows(bench: OutboxBench, worker: Begin) -> None:
    await bench.want("a")
    assert not await outbox_runner.run_next(worker, {"test.other": bench.note})
    assert await bench.step(worker)


async def test_two_workers_share_the_work(bench: OutboxBench, worker: Begin) -> None:
    await bench.want(*(f"{number}" for number in range(20)))

    async def work() -> None:
        while await bench.step(worker):
            pass

    await asyncio.gather(*(work() for _ in range(4)))
    assert sorted(int(job.key) for job in bench.done) == list(range(20))


async def test_who_is_away_is_waited_for(bench: OutboxBench, worker: Begin) -> None:
    async def away(_job: Job) -> Never:
        raise UpstreamUnavailable("WorkOS answered 503.", retry_after=40)

    await bench.want("a")
    for _ in range(outbox_runner.TRIES + 3):
        earliest = bench.after(seconds=40)
        assert await bench.step(worker, away)
        row = await bench.row()
        assert (row["status"], row["failures"]) == ("pending", 0), "no fault of the job's"
        assert "WorkOS answered 503." in row["last_error"]
        assert earliest <= row["due_at"] <= bench.after(seconds=40 + 900)
        assert not await bench.step(worker)
        bench.advance(seconds=940)
    assert await bench.step(worker)
    assert (await bench.row())["status"] == "done"


async def test_but_not_for_ever(bench: OutboxBench, worker: Begin) -> None:
    async def away(_job: Job) -> Never:
        raise SettingsIncomplete

    await bench.want("a")
    bench.advance(hours=73)
    with logged() as log:
        assert await bench.step(worker, away)
    row = await bench.row()
    assert row["status"] == "dead"
    assert "three days" in row["last_error"]
    assert SettingsIncomplete.remedy in row["last_error"]
    assert log.of("queue.outbox.dead")


async def test_what_fails_again_and_again_is_dead_and_says_why(bench: OutboxBench, worker: Begin) -> None:
    async def refused(_job: Job) -> Never:
        raise Conflict("It was not wanted.")

    await bench.want("a")
    for number in range(1, outbox_runner.TRIES + 1):
        row = await bench.row()
        assert (row["status"], row["failures"]) == ("pending", number - 1)
        assert await bench.step(worker, refused)
        bench.advance(seconds=900)
    row = await bench.row()
    assert row["status"] == "dead"
    assert "It was not wanted." in row["last_error"]
    assert Conflict.remedy in row["last_error"]
    assert not await bench.step(worker)


async def test_a_fault_of_ours_is_told_without_its_words(bench: OutboxBench, worker: Begin) -> None:
    async def broken(_job: Job) -> Never:
        raise LookupError("sk_live_secret")

    await bench.want("a")
    assert await bench.step(worker, broken)
    assert (await bench.row())["last_error"] == "A fault of ours: LookupError."


async def test_the_hopeless_is_not_tried_again_until_somebody_says_so(bench: OutboxBench, worker: Begin) -> None:
    async def hopeless(_job: Job) -> Never:
        raise Hopeless("Do this first.")

    await bench.want("a")
    assert await bench.step(worker, hopeless)
    row = await bench.row()
    assert (row["status"], row["last_error"]) == ("dead", "Do this first.")
    bench.advance(days=1)
    assert not await bench.step(worker)
    async with worker(bench.home) as uow:
        assert [found["id"] for found in await outbox.dead(uow, name=bench.name)] == [row["id"]]
        assert await outbox.replay(uow, name="test.other") == 0
        assert await outbox.replay(uow, job=row["id"]) == 1
        assert await outbox.dead(uow, name=bench.name) == []
    assert await bench.step(worker)
    assert (await bench.row())["status"] == "done"


async def test_of_several_dead_about_one_thing_one_is_left(bench: OutboxBench, worker: Begin) -> None:
    async def hopeless(_job: Job) -> Never:
        raise Hopeless("No.")

    for _ in range(3):
        await bench.want("a")
        assert await bench.step(worker, hopeless)
    assert sorted(row["status"] for row in await bench.rows()) == ["dead", "done", "done"]
    await bench.want("a")
    async with worker(bench.home) as uow:
        assert await outbox.replay(uow, name=bench.name) == 0, "what waits already does it"


async def test_a_killed_workers_work_is_taken_up(bench: OutboxBench, worker: Begin) -> None:
    await bench.want("a")
    async with worker() as uow:
        left = await outbox.take(uow, [bench.name], lasting=outbox_runner.LASTING)
    assert left is not None
    assert not await bench.step(worker), "its lease lasts"
    bench.advance(seconds=61)
    assert await bench.step(worker)
    row = await bench.row()
    assert (row["status"], row["attempts"], row["failures"]) == ("done", 2, 1)
    async with worker(bench.home) as uow:  # the first one was only asleep
        assert not await outbox.keep(uow, left, lasting=outbox_runner.LASTING)
        assert not await outbox.finish(uow, left)
        await outbox.try_again(uow, left, "late", after=outbox_runner.LASTING, blamed=True)
        await outbox.bury(uow, left, "late")
    assert await bench.row() == row


async def test_work_that_kills_its_worker_is_dead_in_the_end(bench: OutboxBench, worker: Begin) -> None:
    await bench.want("a")
    for _ in range(outbox_runner.TRIES):
        async with worker() as uow:
            assert await outbox.take(uow, [bench.name], lasting=outbox_runner.LASTING)
        bench.advance(seconds=61)
    assert await bench.step(worker)
    assert bench.done == []
    row = await bench.row()
    assert row["status"] == "dead"
    assert "has died" in row["last_error"]


async def test_a_long_job_keeps_its_lease(bench: OutboxBench, worker: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_runner, "_BEAT_SECONDS", 0.02)

    async def long(job: Job) -> None:
        for _ in range(3):
            bench.advance(seconds=50)
            await asyncio.sleep(0.15)
        await bench.note(job)

    await bench.want("a")
    working = asyncio.create_task(bench.step(worker, long))
    for _ in range(8):
        await asyncio.sleep(0.05)
        assert not await bench.step(worker), "nobody else has it"
    assert await working
    assert len(bench.done) == 1


async def test_who_has_lost_its_lease_stops(bench: OutboxBench, worker: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_runner, "_BEAT_SECONDS", 0.02)
    stopped = asyncio.Event()

    async def slow(_job: Job) -> None:
        bench.advance(seconds=61)
        async with worker() as uow:
            assert await outbox.take(uow, [bench.name], lasting=outbox_runner.LASTING)
        try:
            await asyncio.sleep(5)
        finally:
            stopped.set()

    await bench.want("a")
    with logged() as log:
        assert await bench.step(worker, slow)
    assert stopped.is_set()
    assert log.of("queue.outbox.lost")
    assert (await bench.row())["status"] == "running"


async def test_what_is_done_is_forgotten_after_a_week_and_the_dead_are_not(bench: OutboxBench, worker: Begin) -> None:
    async def hopeless(_job: Job) -> Never:
        raise Hopeless("No.")

    await bench.want("a")
    await bench.step(worker)
    await bench.want("b")
    await bench.step(worker, hopeless)
    for days, left in ((6.9, 2), (0.2, 1)):
        bench.advance(days=days)
        async with worker() as uow:
            await outbox.purge(uow)
        assert len(await bench.rows()) == left
