"""Admin Portal links over the wire: what is asked, and which answers open no browser (threats.md A19, F9)."""

import json
from typing import Any

import httpx
import pytest
import structlog

from app.workos.client import WorkOSClient
from app.workos.errors import UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from app.workos.records import PortalLink
from tests.workos.conftest import API_KEY, Connect
from tests.workos.test_garbage import NOT_JSON
from tests.workos.upstream import Upstream, answering, answering_json, http

GOOD = "https://setup.workos.com?token=c4n4ry"
BAD_LINKS: dict[str, Any] = {
    "nothing": None,
    "empty": "",
    "number": 7,
    "list": [GOOD],
    "relative": "/portal/launch?token=x",
    "no scheme": "//setup.workos.com?token=x",
    "script": "javascript:alert(1)",
    "data": "data:text/html,x",
    "user": "https://setup.workos.com@evil.example/",
    "line break": "https://setup.workos.com/\r\nx: y",
    "blank": "https://setup.workos.com/a b",
    "beyond ascii": "https://s\u00e9tup.workos.com/",
    "bracket": "https://[::1",
    "no host": "https:///x",
    "endless": GOOD + "x" * 5000,
    "plain http": "http://setup.workos.com?token=x",
    "plain http beside localhost": "http://localhost.evil.example/",
}
BODIES: dict[str, Any] = {"empty object": {}, "array": [], "null": None, "text": "ok", "other": {"url": GOOD}}


async def asked(client: WorkOSClient, **changes: Any) -> PortalLink:  # noqa: ANN401 -- the port's arguments
    values: dict[str, Any] = {"organization": "org_1", "intent": "dsync", "external_user_id": "u1", **changes}
    return await client.portal_link(**values)


async def test_what_is_asked(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json({"link": GOOD}, 201)
    assert (await asked(connect(), return_url="https://app.example/a")).url == GOOD
    head, _, body = upstream.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /portal/generate_link HTTP/1.1")
    assert f"Bearer {API_KEY}".encode() in head
    assert json.loads(body) == {
        "organization": "org_1",
        "intent": "dsync",
        "external_user_id": "u1",
        "return_url": "https://app.example/a",
    }


@pytest.mark.parametrize("link", BAD_LINKS.values(), ids=BAD_LINKS)
async def test_a_browser_is_sent_to_no_such_link(upstream: Upstream, connect: Connect, link: object) -> None:
    upstream.script = answering_json({"link": link}, 201)
    with structlog.testing.capture_logs() as log, pytest.raises(UpstreamInvalidResponse) as caught:
        await asked(connect())
    assert str(link)[:20] not in f"{caught.value} {log}" or not link
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
async def test_what_is_no_answer_is_refused(upstream: Upstream, connect: Connect, body: object) -> None:
    upstream.script = answering_json(body, 201)
    with pytest.raises(UpstreamInvalidResponse):
        await asked(connect())


@pytest.mark.parametrize("kind", ["html", "no content", "empty body", "truncated", "deep"])
async def test_what_is_no_json_is_refused(upstream: Upstream, connect: Connect, kind: str) -> None:
    upstream.script = answering(NOT_JSON[kind])
    with pytest.raises(UpstreamInvalidResponse):
        await asked(connect())


async def test_http_on_this_machine_is_for_a_workos_on_this_machine(upstream: Upstream, connect: Connect) -> None:
    for link in ("http://localhost:4100/portal/launch?token=x", "http://127.0.0.1:4100/p", "http://a.localhost/"):
        upstream.script = answering_json({"link": link}, 201)
        assert (await asked(connect())).url == link


async def test_a_secure_workos_gives_secure_links_only() -> None:
    async def handle(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(201, json={"link": "http://localhost:4100/portal/launch?token=x"})

    for base_url, secure in (("https://api.workos.test", True), ("http://localhost:4100", False)):
        transport = httpx.AsyncClient(transport=httpx.MockTransport(handle))
        client = WorkOSClient(api_key=API_KEY, client_id="c", base_url=base_url, http=transport)
        if secure:
            with pytest.raises(UpstreamInvalidResponse):
                await asked(client)
        else:
            assert await asked(client)
        await client.aclose()


@pytest.mark.parametrize(
    ("status", "problem"),
    [(404, UpstreamNotFound), (422, UpstreamRefused), (401, UpstreamRefused), (429, UpstreamUnavailable)],
)
async def test_a_refusal_is_a_problem_and_is_asked_once(
    upstream: Upstream, connect: Connect, status: int, problem: type[Exception]
) -> None:
    upstream.script = answering(http(status, b"{}"))
    with pytest.raises(problem):
        await asked(connect())
    assert len(upstream.requests) == 1


async def test_a_stumble_is_not_asked_again(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering(http(503, b"{}"))
    with pytest.raises(UpstreamUnavailable):
        await asked(connect())
    assert len(upstream.requests) == 1
