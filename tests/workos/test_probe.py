"""The probe port: one suite over every implementation, and what the client makes of a WorkOS that is odd."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import respx

from app.problems import Problem
from app.workos.errors import UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from app.workos.probe import ProbeOf, WorkOSProbe
from app.workos.probe_client import WorkOSProbeClient
from app.workos.records import WebhookEndpoint
from app.workos.transport import open_http_client
from sandbox.server import Sandbox
from tests.fakes.fake_probe import FakeProbe
from tests.fakes.fake_workos import a_connection
from tests.workos.answers import a_connection_answer, a_list, missing
from tests.workos.upstream import Upstream, answering, answering_json, http

KEY, CLIENT = "sk_test_probe_0123456789", "client_fake"
REDIRECT = "http://localhost:8000/auth/callback/workos"
WEBHOOKS = "http://localhost:8000/webhooks/workos"


@dataclass(frozen=True)
class Bench:
    """Opens probes of a WorkOS that knows KEY, CLIENT, REDIRECT, one connection and 103 webhook endpoints."""

    probe: ProbeOf
    connection: str


@asynccontextmanager
async def fake() -> AsyncGenerator[Bench]:
    found = [WebhookEndpoint(f"we_{n}", f"{WEBHOOKS}?{n}", enabled=n > 0, secret=f"secret {n}") for n in range(103)]
    connection = a_connection()

    def probe(api_key: str, client_id: str) -> WorkOSProbe:
        return FakeProbe(
            api_key,
            client_id,
            good_keys={KEY},
            redirect_uris={REDIRECT},
            connections={connection.id: connection},
            endpoints=found,
        )

    yield Bench(probe, connection.id)


def an_endpoint(number: int) -> dict[str, Any]:
    """Return a webhook endpoint as WorkOS documents it."""
    return {
        "object": "webhook_endpoint", "id": f"we_{number}", "endpoint_url": f"{WEBHOOKS}?{number}",
        "secret": f"secret {number}", "status": "enabled" if number else "disabled", "events": ["dsync.user.created"],
        "created_at": "2026-01-05T09:00:01.000Z", "updated_at": "2026-01-05T09:00:01.000Z",
    }  # fmt: skip


class Documented:
    """WorkOS's documented answers as respx routes."""

    def __init__(self) -> None:
        self.router = respx.Router(assert_all_called=False)
        self.router.get(path="/organizations").mock(side_effect=self._guarded(lambda _: a_list()))
        self.router.get(path="/webhook_endpoints").mock(side_effect=self._guarded(self._endpoints))
        self.router.get(path="/connections/conn_1").mock(side_effect=self._guarded(lambda _: a_connection_answer()))
        self.router.get(path__regex="/connections/.*").mock(return_value=missing())
        self.router.post(path="/sso/token").mock(side_effect=self._token)
        self.router.get(path="/sso/authorize").mock(side_effect=self._authorize)

    @staticmethod
    def _guarded(answer: Callable[[httpx.Request], dict[str, Any]]) -> Callable[[httpx.Request], httpx.Response]:
        def respond(request: httpx.Request) -> httpx.Response:
            if request.headers["authorization"] != f"Bearer {KEY}":
                return httpx.Response(401, json={"message": "Unauthorized", "error": "Unauthorized"})
            return httpx.Response(200, json=answer(request))

        return respond

    @staticmethod
    def _endpoints(request: httpx.Request) -> dict[str, Any]:
        start = int(request.url.params.get("after", "we_-1").removeprefix("we_")) + 1
        page = [an_endpoint(n) for n in range(start, min(start + 100, 103))]
        after = page[-1]["id"] if start + 100 < 103 else None
        return {"object": "list", "data": page, "list_metadata": {"before": None, "after": after}}

    @staticmethod
    def _token(request: httpx.Request) -> httpx.Response:
        form = json.loads(request.content)
        known = (form["client_id"], form["client_secret"]) == (CLIENT, KEY)
        return httpx.Response(400, json={"error": "invalid_grant" if known else "invalid_client"})

    @staticmethod
    def _authorize(request: httpx.Request) -> httpx.Response:
        asked = request.url.params
        if (asked["client_id"], asked["redirect_uri"]) == (CLIENT, REDIRECT):
            return httpx.Response(302, headers={"location": f"{REDIRECT}?error=connection_invalid&state=probe"})
        return httpx.Response(302, headers={"location": "https://error.workos.test/sso/invalid-redirect-uri"})


@asynccontextmanager
async def over_respx() -> AsyncGenerator[Bench]:
    client = httpx.AsyncClient(transport=httpx.MockTransport(Documented().router.async_handler))

    def probe(api_key: str, client_id: str) -> WorkOSProbe:
        return WorkOSProbeClient(api_key=api_key, client_id=client_id, base_url="https://api.workos.test", http=client)

    yield Bench(probe, "conn_1")
    await client.aclose()


@asynccontextmanager
async def over_sandbox() -> AsyncGenerator[Bench]:
    twin = Sandbox.from_seed()
    credentials = twin.world.credentials
    credentials.api_keys[:], credentials.client_id, credentials.redirect_uris[:] = [KEY], CLIENT, [REDIRECT]
    for number in range(103):
        found = twin.add_webhook_endpoint(f"{WEBHOOKS}?{number}", secret=f"secret {number}")
        if not number:
            twin.change_webhook_endpoint(found.id, status="disabled")
    client = open_http_client()
    async with twin.running() as urls:

        def probe(api_key: str, client_id: str) -> WorkOSProbe:
            return WorkOSProbeClient(api_key=api_key, client_id=client_id, base_url=urls.base_url, http=client)

        yield Bench(probe, twin.world.connection("Acme Okta").id)
        await client.aclose()


@pytest.fixture(params=[fake, over_respx, over_sandbox], ids=["fake", "respx", "sandbox"])
async def bench(request: pytest.FixtureRequest) -> AsyncGenerator[Bench]:
    async with request.param() as opened:
        yield opened


async def test_a_good_key_is_taken_and_another_is_not(bench: Bench) -> None:
    await bench.probe(KEY, CLIENT).check_api_key()
    await bench.probe(KEY, "client_of_another").check_api_key()
    with pytest.raises(UpstreamRefused):
        await bench.probe("sk_of_another", CLIENT).check_api_key()


async def test_client_id_and_key_belong_together(bench: Bench) -> None:
    await bench.probe(KEY, CLIENT).check_client()
    for pair in ((KEY, "client_of_another"), ("sk_of_another", CLIENT)):
        with pytest.raises(UpstreamRefused):
            await bench.probe(*pair).check_client()


async def test_a_redirect_uri_is_one_of_the_clients(bench: Bench) -> None:
    probe = bench.probe(KEY, CLIENT)
    assert await probe.check_redirect_uri(REDIRECT) == "accepted"
    assert await probe.check_redirect_uri("https://elsewhere.example/callback") == "refused"
    assert await bench.probe(KEY, "client_of_another").check_redirect_uri(REDIRECT) == "refused"
    assert await bench.probe("sk_of_another", CLIENT).check_redirect_uri(REDIRECT) == "accepted", "no key is sent"


async def test_a_connection_is_found_by_its_id(bench: Bench) -> None:
    assert (await bench.probe(KEY, CLIENT).get_connection(bench.connection)).id == bench.connection
    with pytest.raises(UpstreamNotFound):
        await bench.probe(KEY, CLIENT).get_connection("conn_unknown")


async def test_webhook_endpoints_are_listed_to_the_end(bench: Bench) -> None:
    probe, after, found = bench.probe(KEY, CLIENT), None, list[WebhookEndpoint]()
    while True:
        page = await probe.list_webhook_endpoints(after=after)
        found += page.items
        if (after := page.after) is None:
            break
    assert [one.url for one in found] == [f"{WEBHOOKS}?{n}" for n in range(103)]
    assert [one.enabled for one in found] == [False] + [True] * 102
    assert found[7].secret == "secret 7"
    assert "secret 7" not in repr(found)
    with pytest.raises(UpstreamRefused):
        await bench.probe("sk_of_another", CLIENT).list_webhook_endpoints()


def odd(upstream: Upstream) -> WorkOSProbeClient:
    """Return a probe of the upstream, which answers whatever its script says."""
    return WorkOSProbeClient(api_key=KEY, client_id=CLIENT, base_url=upstream.url, http=open_http_client())


PAGES: list[tuple[bytes, str]] = [
    (http(302, b"", f"location: {REDIRECT}?error=x"), "accepted"),
    (http(302, b"", f"location: {REDIRECT}"), "accepted"),
    (http(302, b"", "location: https://idp.example/sso?redirect_uri=x"), "unknown"),
    (http(302, b"", f"location: {REDIRECT}.evil.example/"), "unknown"),
    (http(302, b"", "location: https://error.workos.com/sso/redirect-uri-invalid"), "refused"),
    (http(302, b"", "location: https://error.workos.com/sso/something-else"), "unknown"),
    (http(302), "unknown"),
    (http(200, b"<h1>redirect_uri</h1>"), "unknown"),
    (http(400, b"<h1>Invalid redirect URI</h1>"), "refused"),
    (http(403, b'{"message": "client_id is unknown"}'), "refused"),
    (http(404, b"<h1>Not found</h1>"), "unknown"),
    (http(400, b"\xff\xfe"), "unknown"),
]


@pytest.mark.parametrize(("page", "verdict"), PAGES)
async def test_what_workos_makes_of_an_address(page: bytes, verdict: str, upstream: Upstream) -> None:
    upstream.script = answering(page)
    assert await odd(upstream).check_redirect_uri(REDIRECT) == verdict
    assert KEY.encode() not in upstream.requests[0]
    assert b"authorization" not in upstream.requests[0].lower()
    assert len(upstream.requests) == 1, "nothing is followed"


TROUBLE: list[tuple[bytes, type[Problem]]] = [
    (http(500), UpstreamUnavailable),
    (http(503, b"redirect_uri"), UpstreamUnavailable),
    (b"nonsense\r\n\r\n", UpstreamInvalidResponse),
    (http(200, b"x" * 1_000_000), UpstreamInvalidResponse),
    (b"", UpstreamUnavailable),
]


@pytest.mark.parametrize(("said", "problem"), TROUBLE)
async def test_a_workos_that_stumbles_is_a_problem(said: bytes, problem: type[Problem], upstream: Upstream) -> None:
    async def script(writer: Any) -> None:  # noqa: ANN401 -- asyncio's own
        writer.write(said) if said else writer.close()

    upstream.script = script
    with pytest.raises(problem):
        await odd(upstream).check_redirect_uri(REDIRECT)


ODD_LISTS: list[Any] = [{}, [], None, {"object": "page"}, "ok"]


@pytest.mark.parametrize("answer", ODD_LISTS)
async def test_what_is_no_list_proves_no_key(answer: object, upstream: Upstream) -> None:
    upstream.script = answering_json(answer)
    with pytest.raises(UpstreamInvalidResponse):
        await odd(upstream).check_api_key()


ENDPOINTS: list[tuple[dict[str, Any], bool]] = [
    ({}, True), ({"secret": None}, True), ({"status": None}, True), ({"status": "disabled"}, False),
    ({"status": "a_word_of_tomorrow"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "enabled"), ENDPOINTS)
async def test_an_endpoint_of_any_shape(changes: dict[str, Any], enabled: bool, upstream: Upstream) -> None:  # noqa: FBT001 -- a parameter
    upstream.script = answering_json(a_list(an_endpoint(1) | changes))
    (found,) = (await odd(upstream).list_webhook_endpoints()).items
    assert found.enabled is enabled
    assert found.secret == (an_endpoint(1) | changes)["secret"]


@pytest.mark.parametrize(
    ("status", "body", "taken"),
    [
        (400, {"error": "invalid_grant"}, True),
        (422, {"message": "no"}, True),
        (404, {"message": "no"}, True),
        (400, {"error": "invalid_client"}, False),
        (400, {"error": "unauthorized_client"}, False),
        (401, {"message": "no"}, False),
        (403, {}, False),
    ],
)
async def test_what_is_said_of_the_code_is_nothing_against_the_client(
    status: int, body: dict[str, Any], taken: bool, upstream: Upstream  # noqa: FBT001 -- a parameter
) -> None:  # fmt: skip
    upstream.script = answering_json(body, status)
    if taken:
        await odd(upstream).check_client()
    else:
        with pytest.raises(UpstreamRefused):
            await odd(upstream).check_client()
