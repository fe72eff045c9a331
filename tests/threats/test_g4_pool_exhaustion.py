"""G4: more slow requests than connections: the rest hear 503 with Retry-After in time, and all is well right after."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import httpx
import pytest

from app.db.driver import fetch
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import SERVICE, Stage
from tests.sessions.stages import own_stage

POOL, LANE = 8, 12
REQUESTS = 200


@pytest.fixture
async def stage(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway whose pools nobody else uses."""
    async with own_stage(server_url, twin, tmp_path) as found:
        yield found


@contextlib.asynccontextmanager
async def exhausted(stage: Stage) -> AsyncGenerator[None]:
    """Hold every connection of both pools, as slow statements would."""
    async with contextlib.AsyncExitStack() as held:
        for _ in range(POOL):
            uow = await held.enter_async_context(stage.unit())
            await fetch(uow.driver, "select 1")
        for _ in range(LANE):
            await held.enter_async_context(stage.assembly.runtime.lane.transaction(None))
        yield


async def test_g4_whoever_finds_no_connection_is_told_so_in_time(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    browser = await tenant.signed_in()
    token = await browser.access_token()
    bearer = {"Authorization": f"Bearer {token}"}
    loop = asyncio.get_running_loop()

    async def ask(number: int) -> tuple[float, httpx.Response]:
        began = loop.time()
        match number % 4:
            case 0:
                answer = await browser.token()
            case 1:
                answer = await browser.http.get("/api/auth/sso/connections", headers=bearer)
            case 2:
                answer = await browser.http.post("/auth/introspect", data={"token": token}, auth=SERVICE)
            case _:
                answer = await stage.browser().start(connection=tenant.connection_workos_id)
        return loop.time() - began, answer

    assert all(answer.is_success or answer.is_redirect for _, answer in [await ask(number) for number in range(4)])
    async with exhausted(stage):
        keys = await browser.http.get("/.well-known/jwks.json")
        told = await asyncio.gather(*(ask(number) for number in range(REQUESTS)))
        assert keys.status_code == 200, "keys need no database"
        assert (await browser.http.get("/healthz")).status_code == 200
    ended = loop.time()
    assert Counter(answer.status_code for _, answer in told) == {503: REQUESTS}
    assert {answer.json()["code"] for _, answer in told} == {"database_unavailable"}
    assert all(int(answer.headers["retry-after"]) >= 1 for _, answer in told)
    assert max(seconds for seconds, _ in told) <= 2.5
    again = await asyncio.gather(*(ask(number) for number in range(4)))
    assert all(answer.is_success or answer.is_redirect for _, answer in again), [answer.text for _, answer in again]
    assert loop.time() - ended <= 1.0


async def test_g4_whoever_waits_a_moment_is_served(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    browser = await tenant.signed_in()
    bearer = await browser.bearer()
    async with exhausted(stage):
        asked = [asyncio.create_task(browser.http.get("/api/auth/sso/connections", headers=bearer)) for _ in range(30)]
        await asyncio.sleep(0.5)
    assert {(await task).status_code for task in asked} == {200}
