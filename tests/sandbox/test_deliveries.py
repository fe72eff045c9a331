"""The running twin posts its webhooks: at once, again when they fail, and never in the API's way."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import httpx
import pytest

from sandbox.deliveries import AttemptLog
from sandbox.outbox import Outbox, nobody
from sandbox.postman import Postman
from sandbox.server import Sandbox
from tests.sandbox.conftest import Bench

SECRET = "whsec_made_up"


@dataclass
class Receiver:
    """An endpoint that answers with `statuses` in turn (200 at the end), each after `delay` seconds."""

    url: str = ""
    statuses: list[int] = field(default_factory=list[int])
    delay: float = 0.0
    bodies: list[bytes] = field(default_factory=list[bytes])
    signatures: list[str] = field(default_factory=list[str])
    open_now: int = 0
    open_most: int = 0

    async def reached(self) -> None:
        async with asyncio.timeout(5):
            while not self.bodies:
                await asyncio.sleep(0.005)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if ": " in line)
                headers = {name.lower(): value for name, value in lines.items()}
                self.bodies.append(await reader.readexactly(int(headers["content-length"])))
                self.signatures.append(headers["workos-signature"])
                self.open_now += 1
                self.open_most = max(self.open_most, self.open_now)
                await asyncio.sleep(self.delay)
                self.open_now -= 1
                status = self.statuses.pop(0) if self.statuses else 200
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: 5\r\n\r\nheard".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def receiving() -> AsyncGenerator[Receiver]:
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/webhooks/workos"
    try:
        yield receiver
    finally:
        server.close()


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def twin(receiver: Receiver) -> AsyncGenerator[Sandbox]:
    made = Sandbox.from_seed()
    made.set_switches(webhook_retry_seconds=0.01)
    async with made.running(webhook_url=receiver.url, webhook_secret=SECRET):
        yield made
        await asyncio.sleep(0)


async def test_a_change_arrives_signed(twin: Sandbox, receiver: Receiver, bench: Bench) -> None:
    twin.remove_person("ada@acme.example")
    await twin.deliveries_sent()
    bench.workos.webhooks.verify_event(
        event_body=receiver.bodies[0], event_signature=receiver.signatures[0], secret=SECRET
    )
    (attempt,) = twin.deliveries("dsync.user.deleted")
    assert (attempt.status, attempt.answer, attempt.number, attempt.error) == (200, "heard", 1, None)
    assert attempt.signature == receiver.signatures[0]


async def test_failures_are_tried_again_under_a_new_signature(twin: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [500, 404, 302]
    twin.remove_person("ada@acme.example")
    await twin.deliveries_sent()
    assert [attempt.status for attempt in twin.deliveries()] == [500, 404, 302, 200]
    assert [attempt.number for attempt in twin.deliveries()] == [1, 2, 3, 4]
    assert len(set(receiver.bodies)) == 1
    assert len(set(receiver.signatures)) == 4


async def test_six_retries_and_no_more(twin: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [503] * 20
    twin.set_switches(webhook_retry_seconds=0.001, resign_retries=False)
    twin.remove_person("ada@acme.example")
    await twin.deliveries_sent()
    assert [attempt.number for attempt in twin.deliveries()] == [1, 2, 3, 4, 5, 6, 7]
    assert len(set(receiver.signatures)) == 1


async def test_the_pause_doubles(twin: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [503] * 3
    twin.set_switches(webhook_retry_seconds=0.05)
    began = time.perf_counter()
    twin.remove_person("ada@acme.example")
    await twin.deliveries_sent()
    assert time.perf_counter() - began >= 0.05 + 0.1 + 0.2


async def test_refused_connections_are_tried_again_too(twin: Sandbox, receiver: Receiver) -> None:
    twin.add_webhook_endpoint("http://127.0.0.1:9/")
    twin.set_switches(webhook_retry_seconds=0.001)
    twin.remove_person("ada@acme.example")
    await twin.deliveries_sent()
    refused = [attempt for attempt in twin.deliveries() if attempt.status is None]
    assert len(refused) == 7
    assert refused[0].error
    assert refused[0].error.startswith("ConnectError")
    assert len(receiver.bodies) == 1


async def test_a_slow_endpoint_holds_up_nobody(receiver: Receiver) -> None:
    twin = Sandbox.from_seed()
    receiver.delay = 0.5
    async with twin.running(webhook_url=receiver.url) as urls, httpx.AsyncClient() as client:
        twin.set_switches(webhook_concurrency=3)
        twin.generate_people("acme", 3)
        began = time.perf_counter()
        assert (await client.get(f"{urls.base_url}/sso/profile")).status_code == 401
        assert time.perf_counter() - began < 0.4
        await twin.deliveries_sent()
    assert receiver.open_most == 3
    assert len(receiver.bodies) == 6


async def test_one_at_a_time_keeps_the_order(twin: Sandbox, receiver: Receiver) -> None:
    twin.set_switches(webhook_concurrency=1)
    twin.generate_people("acme", 20)
    await twin.deliveries_sent()
    ids = [httpx.Response(200, content=body).json()["id"] for body in receiver.bodies]
    assert ids == [event.id for event in twin.events()]


async def test_delays_and_windows_end_by_themselves(twin: Sandbox, receiver: Receiver) -> None:
    twin.set_webhook_faults(delay=0.3, reorder=10)
    twin.generate_people("acme", 2)
    began = time.perf_counter()
    await twin.deliveries_sent()
    assert time.perf_counter() - began >= 0.5
    assert len(receiver.bodies) == 4


async def test_what_waits_is_not_sent_to_an_endpoint_that_went(twin: Sandbox, receiver: Receiver) -> None:
    twin.set_webhook_faults(delay=0.05)
    twin.remove_person("ada@acme.example")
    twin.remove_webhook_endpoint(next(iter(twin.world.endpoints)))
    await twin.deliveries_sent()
    assert receiver.bodies == []


async def test_switched_off_they_wait(twin: Sandbox, receiver: Receiver) -> None:
    twin.set_switches(send_webhooks=False)
    twin.remove_person("ada@acme.example")
    await asyncio.sleep(0.05)
    assert receiver.bodies == []
    twin.set_switches(send_webhooks=True)
    await twin.deliveries_sent()
    assert len(receiver.bodies) == 1


async def test_the_twin_ends_with_deliveries_on_their_way(receiver: Receiver) -> None:
    twin = Sandbox.from_seed()
    receiver.delay = 5
    async with twin.running(webhook_url=receiver.url):
        twin.generate_people("acme", 30)
        await receiver.reached()
        began = time.perf_counter()
    assert time.perf_counter() - began < 3
    assert receiver.open_most > 0
    assert twin.deliveries() == []


async def test_a_reset_leaves_nothing_behind(twin: Sandbox, receiver: Receiver) -> None:
    receiver.statuses = [500] * 5
    receiver.delay = 0.05
    twin.remove_person("ada@acme.example")
    await receiver.reached()
    twin.reset()
    await twin.deliveries_sent()
    await asyncio.sleep(0.1)
    assert (len(receiver.bodies), twin.deliveries()) == (1, [])


async def test_all_of_it_over_the_control_port(bench: Bench, receiver: Receiver) -> None:
    control, client = bench.control_url, bench.browser
    body = {"endpoint_url": receiver.url, "secret": SECRET, "events": ["dsync.user.deleted", "custom.thing"]}
    made = (await client.post(f"{control}/webhook-endpoints", json=body)).json()
    assert made["secret"] == SECRET
    assert (await client.get(f"{control}/state")).json()["webhook_endpoints"] == [made]
    changed = await client.patch(f"{control}/webhook-faults", json={"hold": True, "missign": 1})
    assert changed.json()["hold"] is True
    assert (await client.patch(f"{control}/webhook-faults", json={"holt": True})).status_code == 422
    await client.delete(f"{control}/people/ada@acme.example")
    custom = await client.post(f"{control}/events", json={"event": "custom.thing", "data": {}})
    assert custom.status_code == 201
    assert (await client.get(f"{control}/deliveries")).json() == {"count": 0, "data": []}
    assert (await client.post(f"{control}/deliveries/release")).json() == {"count": 2}
    await bench.twin.deliveries_sent()
    listed = (await client.get(f"{control}/deliveries?event={custom.json()['id']}")).json()
    assert (listed["count"], listed["data"][0]["status"]) == (1, 200)
    assert sorted(a.fault or "" for a in bench.twin.deliveries()) == ["", "missign"]
    await client.delete(f"{control}/webhook-faults")
    assert (await client.get(f"{control}/webhook-faults")).json()["hold"] is False
    resent = await client.post(f"{control}/events/{custom.json()['id']}/resend")
    await bench.twin.deliveries_sent()
    assert (resent.status_code, len(receiver.bodies)) == (204, 3)
    for path, verb in (("required", "renewal-required"), ("renewed", "renewed")):
        url = f"{control}/connections/Acme Okta/certificate-{verb}"
        assert (await client.post(url, json={})).status_code == 204, path
    assert (await client.get(f"{control}/events?event=dsync.user.deleted")).json()["count"] == 1
    page = (await client.get(control)).text
    assert "<td>custom.thing<td>" in page
    assert "<td>200 (missign)" in page or "<td>200<" in page
    await client.delete(f"{control}/deliveries")
    assert bench.twin.deliveries() == []
    assert (await client.delete(f"{control}/webhook-endpoints/{made['id']}")).status_code == 204
    assert (await client.delete(f"{control}/webhook-endpoints/{made['id']}")).status_code == 404


@pytest.mark.parametrize("ticks", range(6))
async def test_it_stops_also_in_the_moment_in_which_it_wakes(monkeypatch: pytest.MonkeyPatch, ticks: int) -> None:
    outbox = Outbox(Sandbox.from_seed().world, AttemptLog())
    monkeypatch.setattr(outbox, "seconds_to_next", lambda: 60.0)
    posting = asyncio.create_task(Postman(outbox).run())
    while outbox.changed is nobody:
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)
    outbox.changed()
    for _ in range(ticks):
        await asyncio.sleep(0)
    posting.cancel()
    ended, _ = await asyncio.wait([posting], timeout=5)
    posting.cancel()  # whoever loses the first does not keep the tests from going on
    assert ended
