"""Limits that several processes share, in a real Redis; and what happens when it is gone."""

import asyncio
import time

import pytest

from app.kit.registry import REGISTRY
from app.problems import RateLimited
from app.rates.limiter import Limiter
from app.rates.rules import Rule
from app.rates.shared import PATIENCE_S, SharedWindows
from tests.logs import logged
from tests.processes import free_port
from tests.rates.conftest import Redis

FIVE = Rule("five", "5/1 second", "Requests of a test.")


async def passed(limiter: Limiter, caller: str, times: int = 1) -> int:
    """Return how many of so many requests were let through."""
    refused = 0
    for _ in range(times):
        try:
            await limiter.require(FIVE, caller)
        except RateLimited as problem:
            refused += int(problem.headers["Retry-After"]) == 1
    return times - refused


def failures() -> float:
    return REGISTRY.get_sample_value("gateway_rate_limit_store_failures_total") or 0


async def test_two_processes_count_together_and_a_window_ends(redis: Redis) -> None:
    one, other = (Limiter(time.monotonic, shared=SharedWindows(redis.url)) for _ in range(2))
    before = failures()
    assert await passed(one, "ada", 3) == 3
    assert await passed(other, "ada", 4) == 2
    assert await passed(one, "ada") == 0
    assert await passed(one, "bob", 5) == 5
    assert len(one.windows) == len(other.windows) == 0, "nothing is counted here"
    await asyncio.sleep(1.1)
    assert await passed(other, "ada", 6) == 5
    assert failures() == before
    for limiter in (one, other):
        await limiter.aclose()


async def test_many_at_once_are_counted_exactly(redis: Redis) -> None:
    limiter = Limiter(time.monotonic, shared=SharedWindows(redis.url))
    assert sum(await asyncio.gather(*(passed(limiter, "ada") for _ in range(60)))) == 5
    await limiter.aclose()


async def test_while_redis_is_gone_the_process_counts_by_itself_and_says_so(redis: Redis) -> None:
    limiter = Limiter(time.monotonic, shared=SharedWindows(redis.url))
    assert await passed(limiter, "ada") == 1
    redis.stop()
    before = failures()
    with logged() as log:
        started = time.monotonic()
        assert await passed(limiter, "ada", 20) == 5, "nobody is refused for it, and nobody may flood meanwhile"
        assert time.monotonic() - started < 1, "one wait for all of them"
    assert failures() == before + 1
    assert len(log.of("rates.store.unavailable")) == 1
    await redis.start()
    await asyncio.sleep(1.1)
    assert await passed(limiter, "ada", 6) == 5
    assert failures() == before + 1
    await limiter.aclose()


@pytest.mark.parametrize("silent", [False, True], ids=["nobody listens", "nobody answers"])
async def test_a_redis_that_never_was_there_refuses_nobody(*, silent: bool) -> None:
    async def hold(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)
        writer.close()

    port = free_port()
    server = await asyncio.start_server(hold, "127.0.0.1", port) if silent else None
    limiter = Limiter(time.monotonic, shared=SharedWindows(f"redis://127.0.0.1:{port}/0"))
    started = time.monotonic()
    assert await passed(limiter, "ada", 5) == 5
    assert time.monotonic() - started < PATIENCE_S * 8
    await limiter.aclose()
    if server:
        server.close()
