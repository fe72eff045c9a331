"""D21: while the database is away nothing is taken: 503 with Retry-After, soon, and never 2xx."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.deliveries import Inbox, an_event
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import a_config, a_stage
from tests.threats.conftest import OwnServer


@pytest.fixture
async def box(own_server: OwnServer, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Inbox]:
    async with a_stage(a_config(twin.public_url, tmp_path), own_server.url, twin, FrozenClock()) as found:
        yield Inbox(found, begin=None)  # type: ignore[arg-type]  # nothing is worked off here


async def test_d21_nothing_is_taken_and_all_is_well_afterwards(box: Inbox, own_server: OwnServer) -> None:
    loop = asyncio.get_running_loop()
    lost, kept = an_event(), an_event()
    assert (await box.deliver(an_event())).status_code == 200
    await own_server.control("stop")
    began = loop.time()
    answers = await asyncio.gather(*(box.deliver(lost) for _ in range(20)))
    assert loop.time() - began < 3
    assert {answer.status_code for answer in answers} == {503}
    assert all(answer.headers["retry-after"] for answer in answers)
    await own_server.control("start")
    for _ in range(100):
        if (await box.deliver(kept)).status_code == 200:
            break
        await asyncio.sleep(0.05)
    assert await box.count(kept["id"]) == 1
    assert await box.count(lost["id"]) == 0
