"""A backend service (the documented sample) beside real gateway and worker processes: removed people, and an outage."""

import asyncio
import contextlib
import hashlib
import sys
import time
from collections.abc import AsyncGenerator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import httpx
import pytest

from sandbox.server import Sandbox
from tests.databases import rows
from tests.gateway import SERVICE, WEBHOOK_SECRET, Browser
from tests.processes import ROOT, Served, served, start

WITHIN_SECONDS = 5
LOADERS = 8


@pytest.fixture
async def gateway(server_url: str, tmp_path: Path) -> AsyncGenerator[Served]:
    """A gateway and a worker, with the demo's companies."""
    twin, digest = Sandbox.from_seed(), hashlib.sha256(SERVICE[1].encode()).hexdigest()
    clients = f"{SERVICE[0]}:{digest}:tokens:introspect+revocations:read"
    async with (
        twin.running(),
        served(server_url, twin, tmp_path, SERVICE_CLIENTS=clients, RATE_LIMITS="off") as running,
    ):
        twin.give_endpoint(f"{running.url}/webhooks/workos", WEBHOOK_SECRET)
        worker = start("worker", running.settings, tmp_path / "worker.log")
        try:
            await read_whole(running)
            yield running
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait, 20)


async def read_whole(gateway: Served) -> None:
    """Wait until the worker has read every directory: whom it does not know yet it cannot remove."""
    unread = "select count(*) as n from directories where last_synced_at is null"
    async with asyncio.timeout(60):
        while (await rows(gateway.settings["DATABASE_URL"], unread))[0]["n"]:
            await asyncio.sleep(0.2)


@pytest.fixture
def sample(gateway: Served, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The sample of docs/validate-tokens.md, as somebody who copied it would start it."""
    for name, value in (("ISSUER", gateway.url), ("CLIENT_ID", SERVICE[0]), ("CLIENT_SECRET", SERVICE[1])):
        monkeypatch.setenv(f"MEMBERPULSE_{name}", value)
    monkeypatch.setattr(sys, "path", [str(ROOT / "docs/samples/python"), *sys.path])
    monkeypatch.delitem(sys.modules, "memberpulse_client", raising=False)
    return import_module("memberpulse_client")


@contextlib.asynccontextmanager
async def running(sample: ModuleType) -> AsyncGenerator[httpx.AsyncClient]:
    """Run the service; yield somebody who asks it."""
    async with sample.lifespan(sample.app):
        transport = httpx.ASGITransport(sample.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://service.test") as http:
            yield http


async def signed_in(gateway: Served, email: str) -> tuple[str, str]:
    """Return a person's access token and session cookie."""
    async with httpx.AsyncClient(base_url=gateway.url) as http:
        browser = Browser(http, gateway.url)
        assert (await browser.sign_in(email)).status_code == 303
        return await browser.access_token(), browser.session_cookie or ""


async def asked(service: httpx.AsyncClient, token: str, path: str = "/me", method: str = "GET") -> int:
    answer = await service.request(method, path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


@contextlib.asynccontextmanager
async def under_load(gateway: Served, token: str, cookie: str) -> AsyncGenerator[list[int]]:
    """Keep the gateway busy with what services and browsers ask of it; yield the statuses of its answers."""
    statuses: list[int] = []

    async def ask(http: httpx.AsyncClient) -> None:
        while True:
            answers = (
                await http.post("/auth/introspect", data={"token": token}, auth=SERVICE),
                await http.get("/auth/session", headers={"Authorization": f"Bearer {token}"}),
                await http.post("/auth/token", headers={"Origin": gateway.url, "Cookie": f"mp_session={cookie}"}),
            )
            statuses.extend(answer.status_code for answer in answers)

    async with contextlib.AsyncExitStack() as stack:
        loaders = [
            asyncio.create_task(ask(await stack.enter_async_context(httpx.AsyncClient(base_url=gateway.url))))
            for _ in range(LOADERS)
        ]
        try:
            yield statuses
        finally:
            for loader in loaders:
                loader.cancel()
            await asyncio.gather(*loaders, return_exceptions=True)


async def test_a_removed_person_is_out_and_an_outage_keeps_nobody_out(gateway: Served, sample: ModuleType) -> None:
    people = {each.email: each.id for each in gateway.twin.world.people.values()}
    leaver, stayer = "grace@acme.example", "ada@acme.example"
    assert {leaver, stayer} <= people.keys()
    token, _ = await signed_in(gateway, leaver)
    other, cookie = await signed_in(gateway, stayer)
    async with running(sample) as service:
        assert [await asked(service, each) for each in (token, other)] == [200, 200]
        async with under_load(gateway, other, cookie) as statuses:
            await asyncio.sleep(1)
            began = time.monotonic()
            gateway.twin.remove_person(people[leaver])
            async with asyncio.timeout(WITHIN_SECONDS):
                while await asked(service, token) != 401:
                    await asyncio.sleep(0.01)
            took = time.monotonic() - began
            assert await asked(service, other) == 200, "and nobody else"
            assert len(statuses) > 100
            assert set(statuses) == {200}
        assert took < WITHIN_SECONDS
        assert await asked(service, other, "/payouts", "POST") == 200, "asked of the gateway each time"
        assert await asked(service, token, "/payouts", "POST") == 401
        assert (await service.get("/healthz")).json()["staleness_seconds"] < 8
        gateway.process.kill()
        await asyncio.to_thread(gateway.process.wait, 20)
        for _ in range(20):
            assert await asked(service, other) == 200
            assert await asked(service, token) == 401
            await asyncio.sleep(0.1)
        assert await asked(service, other, "/payouts", "POST") == 503, "what must be sure is not done"
        stale = sample.client.staleness
        gateway.process = start("serve", gateway.settings, gateway.log)
        await gateway.ready()
        async with asyncio.timeout(20):
            while sample.client.staleness >= stale:
                await asyncio.sleep(0.1)
        assert await asked(service, other, "/payouts", "POST") == 200
        assert await asked(service, token) == 401
