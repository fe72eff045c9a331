"""G3: WorkOS says 429: that class of calls is silent for as long as it says, and all in all few calls are wasted."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from app.workos.breaker import Breaker
from app.workos.client import WorkOSClient
from app.workos.errors import UpstreamUnavailable
from app.workos.transport import open_http_client
from sandbox.server import Sandbox
from tests.gateway import Stage

ASKED_S = 7
LISTED = "/directory_users"


@dataclass(slots=True)
class Watch:
    """A monotonic clock that a test may put forward."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass(slots=True)
class Bench:
    """A client of a twin on a socket, with directories of ten people each."""

    twin: Sandbox
    client: WorkOSClient
    watch: Watch
    organization: str = ""
    directories: list[str] = field(default_factory=list[str])

    def asked(self) -> int:
        """Return how many directory listings reached WorkOS."""
        return len(self.twin.hits(path=LISTED))

    async def refused(self, directory: str) -> UpstreamUnavailable:
        with pytest.raises(UpstreamUnavailable) as caught:
            await self.client.list_directory_users(directory=directory)
        return caught.value


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    twin, watch = Sandbox.from_seed(), Watch()
    async with twin.running():
        client = WorkOSClient(
            api_key="sk_test_memberpulse_sandbox",
            client_id="client_memberpulse_sandbox",
            base_url=twin.public_url,
            http=open_http_client(),
            monotonic=watch,
        )
        organization = twin.add_organization("Limited Inc").id
        directories = [twin.add_directory(organization, f"Directory {number}").id for number in range(40)]
        yield Bench(twin, client, watch, organization, directories)
        await client.aclose()


async def test_g3_the_silence_that_workos_asks_for_is_kept_by_that_class_alone(bench: Bench) -> None:
    bench.twin.add_fault(f"GET {LISTED}", "status", status=429, headers={"Retry-After": str(ASKED_S)})
    first = await bench.refused(bench.directories[0])
    assert (first.cause, first.retry_after) == ("rate_limited", ASKED_S)
    assert bench.asked() == 1, "a 429 is not tried again at once"
    bench.twin.clear_faults()
    began = bench.watch()
    for passed in (0.0, 1.0, 3.5, ASKED_S - 0.2):
        bench.watch.ahead += began + passed - bench.watch()
        problems = await asyncio.gather(*(bench.refused(directory) for directory in bench.directories))
        assert {problem.cause for problem in problems} == {"open"}
        # Whoever comes back when told so does not come too early, nor seconds late.
        assert all(ASKED_S - passed <= problem.retry_after + 0.2 <= ASKED_S - passed + 1.5 for problem in problems)
    assert bench.asked() == 1
    # Nobody else is kept waiting.
    assert (await bench.client.get_organization(bench.organization)).id == bench.organization
    assert len((await bench.client.list_events(events=["dsync.activated"])).items) >= len(bench.directories)
    bench.watch.ahead += 0.3
    assert (await bench.client.list_directory_users(directory=bench.directories[1])).items == ()
    assert bench.asked() == 2


async def test_g3_a_limit_met_again_and_again_costs_few_calls(bench: Bench) -> None:
    """Forty listings by eight readers that come back when told to; WorkOS refuses six times on the way."""
    for after in (0, 5, 5, 10, 10, 10):
        bench.twin.add_fault(f"GET {LISTED}", "status", status=429, headers={"Retry-After": "1"}, after=after, times=1)
    waiting, listed = list(bench.directories), list[str]()

    async def read() -> None:
        while waiting:
            directory = waiting.pop()
            try:
                await bench.client.list_directory_users(directory=directory)
            except UpstreamUnavailable as problem:
                waiting.append(directory)
                await asyncio.sleep(problem.retry_after)
            else:
                listed.append(directory)

    await asyncio.gather(*(read() for _ in range(8)))
    assert sorted(listed) == sorted(bench.directories), "nothing is lost"
    assert not bench.twin.faults, "WorkOS has refused as often as it was to"
    assert bench.asked() <= 1.2 * len(bench.directories)


async def test_g3_processes_do_not_come_back_in_one_moment(stage: Stage) -> None:
    def ends(jitter: float) -> float:
        breaker = Breaker(jitter=lambda: jitter)
        breaker.hold(0.0, ASKED_S)
        return breaker.wait(0.0)

    assert [ends(jitter) for jitter in (1.0, 0.5, 0.0)] == [ASKED_S, ASKED_S + 0.5, ASKED_S + 1.0]
    source: Any = stage.assembly.runtime.workos
    jitter = source._in_force()[0]._directories._calls._lane.breaker._jitter  # wired in production
    drawn = [jitter() for _ in range(50)]
    assert all(0 <= value < 1 for value in drawn)
    assert len(set(drawn)) == len(drawn)
