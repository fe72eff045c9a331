"""Lanes and bulkheads: places come back however a call ends, waits are bounded, and blame goes where it belongs."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from app.workos.breaker import Breaker, BreakerLimits
from app.workos.bulkhead import Bulkhead
from app.workos.errors import UpstreamInvalidResponse, UpstreamNotFound, UpstreamUnavailable
from app.workos.lanes import Lane
from app.workos.retries import RetryBudget

Call = Callable[[], Awaitable[str]]


class Clock:
    """Seconds that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def a_lane(clock: Clock | None = None, *, places: int = 2, wait: float = 0.05, deadline: float = 0.2) -> Lane:
    breaker = Breaker(BreakerLimits(failures=3, first_pause=1.0))
    return Lane(breaker, Bulkhead(places=places, wait=wait), deadline=deadline, monotonic=clock or Clock())


async def well() -> str:
    return "well"


async def away() -> str:
    raise UpstreamUnavailable(cause="connection")


async def limited() -> str:
    raise UpstreamUnavailable(cause="rate_limited", retry_after=7)


async def refused() -> str:
    raise UpstreamNotFound


async def nonsense() -> str:
    raise UpstreamInvalidResponse


async def broken() -> str:
    raise RuntimeError


async def forever() -> str:
    await asyncio.sleep(60)
    return "never"


async def attempt(lane: Lane, call: Call) -> object:
    try:
        return await lane.run(call)
    except Exception as error:  # noqa: BLE001 -- the outcome is the point
        return error


@pytest.mark.parametrize(
    ("call", "state"),
    [
        (well, "closed"),
        (refused, "closed"),
        (nonsense, "closed"),
        (broken, "closed"),
        (away, "open"),
        (forever, "open"),
        (limited, "open"),
    ],
)
async def test_what_opens_the_breaker(call: Call, state: str) -> None:
    lane = a_lane(deadline=0.02)
    for _ in range(4):
        await attempt(lane, call)
    assert lane.breaker.state == state


@pytest.mark.parametrize("call", [well, refused, nonsense, broken, away, forever])
async def test_places_come_back(call: Call) -> None:
    bulkhead = Bulkhead(places=2, wait=0.05)
    lane = Lane(Breaker(BreakerLimits(failures=99)), bulkhead, deadline=0.02, monotonic=Clock())
    for _ in range(5):
        await attempt(lane, call)
    assert await asyncio.gather(lane.run(well), lane.run(well)) == ["well", "well"]


async def test_a_full_bulkhead_is_left_after_its_wait() -> None:
    lane = a_lane(deadline=30)
    stuck = [asyncio.create_task(lane.run(forever)) for _ in range(2)]
    await asyncio.sleep(0)
    began = time.monotonic()
    outcome = await attempt(lane, well)
    assert isinstance(outcome, UpstreamUnavailable)
    assert outcome.cause == "crowded"
    assert 0.04 < time.monotonic() - began < 0.15
    assert lane.breaker.state == "closed"
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)
    assert await lane.run(well) == "well"


async def test_whoever_stops_waiting_takes_no_place() -> None:
    bulkhead = Bulkhead(places=1, wait=30)
    lane = Lane(Breaker(), bulkhead, deadline=30, monotonic=Clock())
    holder = asyncio.create_task(lane.run(forever))
    await asyncio.sleep(0)
    waiting = [asyncio.create_task(lane.run(well)) for _ in range(5)]
    await asyncio.sleep(0)
    holder.cancel()  # a place becomes free in the very moment in which its next holders give up
    for task in waiting:
        task.cancel()
    await asyncio.gather(holder, *waiting, return_exceptions=True)
    async with asyncio.timeout(1):
        assert await lane.run(well) == "well"


async def test_the_deadline_counts_from_the_start() -> None:
    lane = a_lane(places=1, wait=0.15, deadline=0.2)
    first = asyncio.create_task(attempt(lane, forever))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    outcome = await attempt(lane, forever)  # waits 0.1 s for its place, so 0.1 s are left
    await first
    assert isinstance(outcome, UpstreamUnavailable)
    assert outcome.cause == "timeout"
    assert time.monotonic() - began < 0.27


async def test_an_open_breaker_answers_at_once_and_recovers() -> None:
    clock = Clock()
    lane = a_lane(clock)
    for _ in range(3):
        await attempt(lane, away)
    began = time.monotonic()
    outcome = await attempt(lane, forever)
    assert time.monotonic() - began < 0.02
    assert isinstance(outcome, UpstreamUnavailable)
    assert (outcome.cause, outcome.headers["Retry-After"]) == ("open", "1")
    clock.now += 1.0
    assert await lane.run(well) == "well"
    assert lane.breaker.state == "closed"


async def test_an_open_breaker_does_not_queue() -> None:
    lane = a_lane(deadline=30)
    stuck = [asyncio.create_task(lane.run(forever)) for _ in range(2)]
    await asyncio.sleep(0)
    lane.breaker.hold(100.0, 7.0)
    began = time.monotonic()
    outcome = await attempt(lane, well)
    assert isinstance(outcome, UpstreamUnavailable)
    assert outcome.cause == "open"
    assert time.monotonic() - began < 0.02
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)


async def test_those_who_queued_before_it_opened_do_not_ask() -> None:
    asked = list[str]()

    async def ask() -> str:
        asked.append("!")
        return "well"

    lane = a_lane(places=1, wait=1, deadline=2)
    stuck = asyncio.create_task(attempt(lane, forever))
    await asyncio.sleep(0)
    waiting = asyncio.create_task(attempt(lane, ask))
    await asyncio.sleep(0)
    lane.breaker.hold(100.0, 7.0)
    stuck.cancel()
    outcome = await waiting
    assert isinstance(outcome, UpstreamUnavailable)
    assert (outcome.cause, asked) == ("open", [])
    await asyncio.gather(stuck, return_exceptions=True)


async def test_a_cancelled_probe_lets_the_next_one_find_out() -> None:
    clock = Clock()
    lane = a_lane(clock)
    for _ in range(3):
        await attempt(lane, away)
    clock.now += 1.0
    probe = asyncio.create_task(lane.run(forever))
    await asyncio.sleep(0)
    assert isinstance(await attempt(lane, well), UpstreamUnavailable)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await lane.run(well) == "well"


def test_second_tries_are_earned() -> None:
    budget = RetryBudget(share=0.25, most=2.0)
    assert [budget.spend(), budget.spend()] == [True, False]
    for _ in range(100):
        budget.earn()
    assert [budget.spend() for _ in range(3)] == [True, True, False]
