"""G14: a queue that nobody works off is seen: the metric grows, and a worker that does nothing is not ready."""

import asyncio
import contextlib
import json
import re
import signal
import subprocess
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import uow as units
from app.bootstrap import assembled
from app.queue.progress import Progress
from app.webhooks import jobs
from app.worker import operated
from sandbox.server import Sandbox
from tests.deliveries import Inbox, an_event, signature
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import Stage, a_config, a_stage
from tests.processes import Served, free_port, served, start
from tests.threats.conftest import OwnServer

OLDEST = "gateway_inbox_oldest_pending_seconds"


async def scraped(port: int) -> dict[str, float]:
    """Return the gateway's gauges as Prometheus reads them."""
    async with httpx.AsyncClient(timeout=6) as client:
        text = (await client.get(f"http://127.0.0.1:{port}/metrics")).text
    return {name: float(value) for name, value in re.findall(r"^(gateway_[^\s]+) (\S+)$", text, re.MULTILINE)}


async def readiness(port: int) -> tuple[int, dict[str, Any]]:
    """Return the status of a worker's /readyz, and the reason of each check that failed."""
    async with httpx.AsyncClient(timeout=6) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/readyz")
    checks = answer.json()["checks"]
    return answer.status_code, {check["name"]: check["reason"] for check in checks if not check["ok"]}


async def delivered(gateway: Served) -> None:
    body = json.dumps(an_event()).encode()
    signed = {"WorkOS-Signature": signature(body, datetime.now(UTC))}  # noqa: TID251 -- a real process's clock
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        (await client.post("/webhooks/workos", content=body, headers=signed)).raise_for_status()


async def ended(worker: subprocess.Popen[bytes]) -> int:
    worker.terminate()
    return await asyncio.to_thread(worker.wait, 20)


async def test_g14_the_metric_grows_with_time_while_no_worker_runs(server_url: str, tmp_path: Path) -> None:
    """Real processes: the API's alone, then a worker beside it, then one that stands still."""
    loop, api, operator = asyncio.get_running_loop(), free_port(), free_port()
    twin = Sandbox.from_seed()
    async with twin.running(), served(server_url, twin, tmp_path, METRICS_PORT=str(api)) as gateway:
        assert (await scraped(api))[OLDEST] == 0
        await delivered(gateway)
        began, first = loop.time(), (await scraped(api))[OLDEST]
        await asyncio.sleep(2.5)
        passed, second = loop.time() - began, await scraped(api)
        assert second[OLDEST] - first == pytest.approx(passed, abs=0.3)
        assert second['gateway_inbox_events{status="pending"}'] == 1
        worker = start("worker", {**gateway.settings, "METRICS_PORT": str(operator)}, tmp_path / "worker.log")
        try:
            await _becomes(api, empty=True)
            assert await readiness(operator) == (200, {})
            assert (await scraped(operator))[OLDEST] == 0
            assert 0 <= (await scraped(api))["gateway_events_api_lag_seconds"] < 60
            worker.send_signal(signal.SIGSTOP)
            await delivered(gateway)
            await asyncio.sleep(1.5)
            assert (await scraped(api))[OLDEST] >= 1.4, "told by whom the worker does not stop"
            worker.send_signal(signal.SIGCONT)
            await _becomes(api, empty=True)
        finally:
            worker.send_signal(signal.SIGCONT)
            assert await ended(worker) == 0, (tmp_path / "worker.log").read_text()


async def _becomes(port: int, *, empty: bool) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            if ((await scraped(port))[OLDEST] == 0) is empty:
                return
        await asyncio.sleep(0.1)
    raise AssertionError(await scraped(port))


@dataclass(slots=True)
class Worker:
    """A worker's operator port over a database of its own, with both clocks in the test's hand."""

    inbox: Inbox
    port: int
    progress: Progress
    monotonic: list[float]

    @property
    def stage(self) -> Stage:
        return self.inbox.stage

    def wait(self, seconds: float) -> None:
        self.stage.clock.advance(seconds=seconds)
        self.monotonic[0] += seconds

    async def step(self) -> bool:
        return await self.progress.watch(partial(jobs.apply_next, self.inbox.begin))


@pytest.fixture
async def worker(own_server: OwnServer, tmp_path: Path) -> AsyncGenerator[Worker]:
    twin, clock, monotonic = Sandbox.from_seed(), FrozenClock(), [1000.0]
    config = a_config(twin.public_url, tmp_path, metrics_port=free_port())
    api = a_config(twin.public_url, tmp_path)
    async with (
        a_stage(api, own_server.url, twin, clock) as stage,
        assembled(config, own_server.url, role="gw_worker", clock=clock) as assembly,
    ):
        progress = Progress(lambda: monotonic[0])
        inbox = Inbox(stage, units.beginner(assembly.runtime))
        await inbox.work_off()
        async with operated(config, assembly, progress) as port:
            assert port is not None
            yield Worker(inbox, port, progress, monotonic)


async def test_g14_a_worker_that_does_nothing_though_something_is_due_is_not_ready(worker: Worker) -> None:
    worker.wait(3600)
    assert await readiness(worker.port) == (200, {}), "nothing is due"
    await worker.inbox.deliver(an_event())
    worker.wait(59)
    assert await readiness(worker.port) == (200, {})
    worker.wait(2)
    status, reasons = await readiness(worker.port)
    assert (status, list(reasons)) == (503, ["queue"])
    assert "due for 61 s" in reasons["queue"]
    assert (await scraped(worker.port))[OLDEST] == pytest.approx(61, abs=0.1)
    assert await worker.step()
    assert await readiness(worker.port) == (200, {})
    assert (await scraped(worker.port))[OLDEST] == 0


async def test_g14_a_worker_that_is_behind_but_works_is_ready(worker: Worker) -> None:
    for _ in range(3):
        await worker.inbox.deliver(an_event())
    worker.wait(600)
    assert await worker.step()
    assert await readiness(worker.port) == (200, {})
    worker.wait(61)
    assert (await readiness(worker.port))[0] == 503


async def test_g14_what_is_not_due_yet_makes_nobody_unready(worker: Worker) -> None:
    event = an_event()
    await worker.inbox.deliver(event)
    later = "update webhook_events set due_at = due_at + interval '1 hour' where event_id = $1"
    await worker.stage.sql(later, event["id"])
    worker.wait(600)
    assert await readiness(worker.port) == (200, {})
    gauges = await scraped(worker.port)
    assert (gauges[OLDEST], gauges['gateway_inbox_events{status="pending"}']) == (0, 1)


async def test_g14_without_its_database_a_worker_is_not_ready_and_says_nothing_that_it_does_not_know(
    worker: Worker, own_server: OwnServer
) -> None:
    await worker.inbox.deliver(an_event())
    await own_server.control("stop")
    try:
        status, reasons = await readiness(worker.port)
        assert (status, list(reasons)) == (503, ["database"])
        gauges = await scraped(worker.port)
        assert str(gauges[OLDEST]) == str(gauges["gateway_events_api_lag_seconds"]) == "nan"
    finally:
        await own_server.control("start")
    assert await readiness(worker.port) == (200, {})
    assert (await scraped(worker.port))[OLDEST] > 0
