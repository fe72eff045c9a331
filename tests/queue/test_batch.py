"""Batch: requests that arrive together share a run, and each hears exactly what its own run answered."""

import asyncio
import random  # noqa: TID251 -- seeded, so that a failure comes again
from collections.abc import Mapping, Sequence

import pytest

from app.queue.batch import Batch


class Runs:
    """Records runs and holds each until the test lets it go; answers a key with itself in capitals."""

    def __init__(self, *, held: bool = True) -> None:
        self.seen: list[list[str]] = []
        self.gates: list[asyncio.Future[None]] = []
        self.under_way = self.most_at_once = 0
        self._held = held

    async def __call__(self, keys: Sequence[str]) -> Mapping[str, str]:
        self.seen.append(list(keys))
        self.under_way += 1
        self.most_at_once = max(self.most_at_once, self.under_way)
        try:
            if self._held:
                self.gates.append(asyncio.get_running_loop().create_future())
                await self.gates[-1]
            else:
                await asyncio.sleep(0)
        finally:
            self.under_way -= 1
        return {key: key.upper() for key in keys if key != "nobody"}


async def settle() -> None:
    """Let every task go on until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


def submit(batch: Batch[str, str], *keys: str) -> list[asyncio.Task[str | None]]:
    return [asyncio.create_task(batch.submit(key)) for key in keys]


async def test_a_key_alone_waits_for_nobody() -> None:
    runs = Runs(held=False)
    batch = Batch[str, str](runs)
    assert await batch.submit("a") == "A"
    assert await batch.submit("nobody") is None
    assert runs.seen == [["a"], ["nobody"]]


async def test_keys_that_arrive_during_a_run_share_the_next_one() -> None:
    runs = Runs()
    batch = Batch[str, str](runs)
    first = submit(batch, "a")
    await settle()
    later = submit(batch, "b", "c", "b", "a")
    await settle()
    assert runs.seen == [["a"]], "an answer that was under way before a key came may be older than the key"
    runs.gates[0].set_result(None)
    await settle()
    assert runs.seen == [["a"], ["b", "c", "a"]]
    assert [task.done() for task in (*first, *later)] == [True, False, False, False, False]
    runs.gates[1].set_result(None)
    assert await asyncio.gather(*first, *later) == ["A", "B", "C", "B", "A"]


async def test_size_and_lanes_are_limits() -> None:
    runs = Runs(held=False)
    batch = Batch[str, str](runs, largest=3, lanes=2)
    keys = [f"k{number}" for number in range(50)]
    assert await asyncio.gather(*submit(batch, *keys)) == [key.upper() for key in keys]
    assert max(len(seen) for seen in runs.seen) == 3
    assert runs.most_at_once == 2
    assert sorted(key for seen in runs.seen for key in seen) == sorted(keys)


async def test_a_failure_is_heard_by_all_of_its_run_and_by_no_other() -> None:
    runs = Runs()
    batch = Batch[str, str](runs)
    failing = submit(batch, "a")
    await settle()
    failing += submit(batch, "b", "c")
    runs.gates[0].set_exception(ConnectionError("away"))
    await settle()
    good = submit(batch, "d")
    runs.gates[1].set_exception(TimeoutError("slow"))
    await settle()
    runs.gates[2].set_result(None)
    heard = await asyncio.gather(*failing, *good, return_exceptions=True)
    assert [type(answer) for answer in heard] == [ConnectionError, TimeoutError, TimeoutError, str]


@pytest.mark.parametrize("when", ["before its run", "during its run"])
async def test_a_caller_that_leaves_disturbs_nobody(when: str) -> None:
    runs = Runs()
    batch = Batch[str, str](runs)
    tasks = submit(batch, "a")
    await settle()
    tasks += submit(batch, "b", "c", "b")
    await settle()
    if when == "during its run":
        runs.gates[0].set_result(None)
        await settle()
    assert tasks[1].cancel()
    await settle()
    for gate in runs.gates:
        if not gate.done():
            gate.set_result(None)
    await settle()
    for gate in runs.gates[1:]:
        if not gate.done():
            gate.set_result(None)
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [answers[0], *answers[2:]] == ["A", "C", "B"]
    assert isinstance(answers[1], asyncio.CancelledError)
    leaver = submit(batch, "e")
    await settle()
    runs.gates[-1].set_result(None)
    assert await leaver[0] == "E", "the lane is free again"


async def test_a_cancelled_run_leaves_nobody_waiting_for_ever() -> None:
    runs = Runs()
    batch = Batch[str, str](runs, largest=1)
    tasks = submit(batch, "a", "b", "c")
    await settle()
    runs.gates[0].cancel()  # as when the driver's connection is torn down by a stopping process
    async with asyncio.timeout(1):
        heard = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in heard] == [ConnectionAbortedError] * 3
    again = submit(batch, "d")
    await settle()
    runs.gates[1].set_result(None)
    assert await again[0] == "D"


async def test_a_thousand_callers_with_failures_and_leavers() -> None:
    chance = random.Random(7)

    async def run(keys: Sequence[str]) -> Mapping[str, str]:
        await asyncio.sleep(chance.random() / 500)
        if chance.random() < 0.2:
            raise ConnectionError
        return {key: key.upper() for key in keys}

    batch = Batch[str, str](run, largest=16, lanes=3)
    tasks: list[tuple[str, asyncio.Task[str | None]]] = []
    for number in range(1_000):
        key = f"k{number % 300}"
        tasks.append((key, asyncio.create_task(batch.submit(key))))
        if chance.random() < 0.1:
            tasks[chance.randrange(len(tasks))][1].cancel()
        if chance.random() < 0.05:
            await asyncio.sleep(0)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*(task for _, task in tasks), return_exceptions=True)
    for (key, _), answer in zip(tasks, answers, strict=True):
        assert answer == key.upper() or isinstance(answer, ConnectionError | asyncio.CancelledError)
    assert sum(isinstance(answer, str) for answer in answers) > 500


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        pytest.param(ValueError("this one"), ["A", "B", "failed"], id="of a key: the others are answered"),
        pytest.param(ConnectionError("away"), ["failed"] * 3, id="of the database: asking again is no use"),
    ],
)
async def test_what_one_key_breaks_is_run_again_key_by_key(failure: Exception, expected: list[str]) -> None:
    runs: list[list[str]] = []

    async def run(keys: Sequence[str]) -> Mapping[str, str]:
        runs.append(list(keys))
        await asyncio.sleep(0)
        if "bad" in keys:
            raise failure
        return {key: key.upper() for key in keys}

    batch = Batch[str, str](run)
    answers = await asyncio.gather(*submit(batch, "a", "b", "bad"), return_exceptions=True)
    assert ["failed" if answer is failure else answer for answer in answers] == expected
    again = [["a"], ["b"], ["bad"]] if isinstance(failure, ValueError) else []
    assert runs == [["a", "b", "bad"], *again]
