"""G7: PostgreSQL restarts under load: 503 while it is away, never 500, and all is well within a second."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import SERVICE, Stage, a_config, a_stage
from tests.logs import logged
from tests.threats.conftest import OwnServer

PER_SECOND = 100


@pytest.fixture
async def stage(own_server: OwnServer, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    async with a_stage(a_config(twin.public_url, tmp_path), own_server.url, twin, FrozenClock()) as found:
        yield found


async def test_g7_a_restart_under_load(stage: Stage, own_server: OwnServer) -> None:
    tenant = await a_tenant(stage)
    browser = await tenant.signed_in()
    token = await browser.access_token()
    bearer = {"Authorization": f"Bearer {token}"}
    loop = asyncio.get_running_loop()
    seen: list[tuple[float, str, int]] = []

    async def ask(number: int) -> None:
        match number % 5:
            case 0:
                answer = await browser.token()
            case 1:
                answer = await browser.http.get("/api/auth/sso/connections", headers=bearer)
            case 2:
                answer = await browser.http.post("/auth/introspect", data={"token": token}, auth=SERVICE)
            case 3:
                answer = await stage.browser().start(connection=tenant.connection_workos_id)
            case _:
                answer = await browser.http.get("/.well-known/jwks.json")
        seen.append((loop.time(), str(answer.request.url.path), answer.status_code))

    async def load(until: asyncio.Event) -> None:
        tasks: list[asyncio.Task[None]] = []
        while not until.is_set():
            tasks.append(asyncio.create_task(ask(len(tasks))))
            await asyncio.sleep(1 / PER_SECOND)
        await asyncio.gather(*tasks)

    with logged("error") as log:
        stop = asyncio.Event()
        running = asyncio.create_task(load(stop))
        await asyncio.sleep(0.5)
        await own_server.control("stop")
        await asyncio.sleep(0.7)
        await own_server.control("start")
        back = loop.time()
        await asyncio.sleep(2)
        stop.set()
        await running

    statuses = Counter(status for _, _, status in seen)
    assert set(statuses) <= {200, 302, 503}, statuses
    assert statuses[503] > 20
    assert {status for _, path, status in seen if path == "/.well-known/jwks.json"} == {200}
    for path in ("/auth/token", "/api/auth/sso/connections", "/auth/introspect", "/auth/sso"):
        good = [when for when, where, status in seen if where == path and status in {200, 302} and when > back]
        assert good, path
        assert good[0] - back <= 1.0, path
        late = [status for when, where, status in seen if where == path and when > back + 1.5]
        assert 503 not in late, path
    assert not log.of("http.request.crashed")
