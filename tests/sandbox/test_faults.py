"""Every kind of fault, as a client on a socket meets it."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from workos import BadRequestError, RateLimitExceededError, ServerError, WorkOSError

from sandbox.faults import Fault
from tests.sandbox.conftest import Bench


async def _list(bench: Bench, **query: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {bench.twin.world.credentials.api_keys[0]}"}
    return await bench.browser.get(f"{bench.base_url}/connections", headers=headers, params=query)


@pytest.mark.parametrize(
    ("route", "method", "path", "meant"),
    [
        ("POST /sso/token", "POST", "/sso/token", True),
        ("POST /sso/token", "GET", "/sso/token", False),
        ("POST /sso/token", "POST", "/sso/tokens", False),
        ("* /sso/token", "GET", "/sso/token", True),
        ("GET /connections/{id}", "GET", "/connections/conn_1", True),
        ("GET /connections/{id}", "GET", "/connections", False),
        ("GET /directory*", "GET", "/directory_users", True),
        ("* *", "PUT", "/anything", True),
    ],
)
def test_route_patterns(route: str, method: str, path: str, meant: Any) -> None:  # noqa: ANN401
    assert Fault(route=route, kind="status").matches(method, path) is meant


@pytest.mark.parametrize("wrong", [{"route": "/sso/token"}, {"kind": "explode"}, {"tims": 1}, {"status": 99}])
def test_misspelt_orders_are_refused(bench: Bench, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bench.twin.add_fault(**{"route": "* *", "kind": "status", **wrong})


async def test_status_with_headers_and_countdown(bench: Bench) -> None:
    bench.twin.add_fault("GET /connections", "status", status=429, headers={"Retry-After": "7"}, times=2)
    for _ in range(2):
        with pytest.raises(RateLimitExceededError) as refused:
            await bench.workos.sso.list_connections()
        assert refused.value.retry_after == 7
    assert (await bench.workos.sso.list_connections()).data
    assert bench.twin.faults == []


async def test_status_500_on_the_third_page(bench: Bench) -> None:
    bench.twin.add_fault("GET /directory_users", "status", status=500, after=2)
    directory = bench.twin.world.directory("Acme Okta Directory").id
    page = await bench.workos.directory_sync.list_users(directory=directory, limit=3)
    second = await bench.workos.directory_sync.list_users(directory=directory, limit=3, after=page.after)
    with pytest.raises(ServerError):
        await bench.workos.directory_sync.list_users(directory=directory, limit=3, after=second.after)


async def test_other_routes_are_untouched(bench: Bench) -> None:
    bench.twin.add_fault("POST /sso/token", "status", status=503)
    assert (await _list(bench)).status_code == 200


async def test_latency_then_the_real_answer(bench: Bench) -> None:
    bench.twin.add_fault("GET /connections", "latency", delay_ms=150)
    began = time.perf_counter()
    assert (await _list(bench)).json()["object"] == "list"
    assert time.perf_counter() - began >= 0.15


async def test_trickle_outlasts_read_timeouts(bench: Bench) -> None:
    bench.twin.add_fault("GET /connections", "trickle", delay_ms=20)
    sizes: list[int] = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await _read_slowly(bench, sizes)
    assert 3 < len(sizes) < 26
    assert max(sizes) <= 3  # a byte, or a few that a busy machine put together


async def _read_slowly(bench: Bench, sizes: list[int]) -> None:
    """Read as a client whose read timeout is shorter than the whole answer takes."""
    headers = {"authorization": f"Bearer {bench.twin.world.credentials.api_keys[0]}"}
    async with bench.browser.stream("GET", f"{bench.base_url}/connections", headers=headers, timeout=0.3) as answer:
        async for chunk in answer.aiter_raw():
            sizes.append(len(chunk))  # noqa: PERF401 - what came before the end counts


async def test_trickle_tells_the_whole_answer_in_the_end(bench: Bench) -> None:
    bench.twin.add_fault("GET /connections", "trickle")
    assert (await _list(bench)).json()["object"] == "list"


async def _raw(bench: Bench, request: bytes) -> bytes:
    """Send bytes, return what comes back. Raises `ConnectionResetError` for an RST."""
    host, port = bench.base_url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(request)
        return await reader.read()
    finally:
        writer.close()


GET_PROFILE = b"GET /sso/profile HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


async def test_reset_is_a_real_rst(bench: Bench) -> None:
    assert (await _raw(bench, GET_PROFILE)).startswith(b"HTTP/1.1 401")
    bench.twin.add_fault("GET /sso/profile", "reset")
    with pytest.raises(ConnectionResetError):
        await _raw(bench, GET_PROFILE)


async def test_reset_before_leaves_the_code_good(bench: Bench) -> None:
    code = await bench.code_for()
    bench.twin.add_fault("POST /sso/token", "reset", times=1)
    with pytest.raises(WorkOSError, match="Network error"):
        await bench.workos.sso.get_profile_and_token(code=code)
    assert (await bench.workos.sso.get_profile_and_token(code=code)).profile.email == "ada@acme.example"


async def test_reset_after_has_used_the_code_up(bench: Bench) -> None:
    code = await bench.code_for()
    bench.twin.add_fault("POST /sso/token", "reset", when="after", times=1)
    with pytest.raises(WorkOSError, match="Network error"):
        await bench.workos.sso.get_profile_and_token(code=code)
    with pytest.raises(BadRequestError, match="expired or is invalid"):
        await bench.workos.sso.get_profile_and_token(code=code)


@pytest.mark.parametrize("order", [{"kind": "reset", "when": "during"}, {"kind": "truncated"}])
async def test_answer_that_breaks_off(bench: Bench, order: dict[str, str]) -> None:
    bench.twin.add_fault("GET /connections", **order)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await _list(bench)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect(bench: Bench, status: int) -> None:
    bench.twin.add_fault("GET /connections", "redirect", status=status, location="http://127.0.0.1:9/trap")
    answer = await _list(bench)
    assert (answer.status_code, answer.headers["location"]) == (status, "http://127.0.0.1:9/trap")


def _is_html(answer: httpx.Response) -> bool:
    return answer.headers["content-type"].startswith("text/html") and "<h1>" in answer.text


def _is_empty(answer: httpx.Response) -> bool:
    return answer.content == b""


def _is_garbage(answer: httpx.Response) -> bool:
    return b"\xff" in answer.content and answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(("kind", "check"), [("html", _is_html), ("empty", _is_empty), ("garbage", _is_garbage)])
async def test_bodies_that_are_no_json(bench: Bench, kind: str, check: Callable[[httpx.Response], bool]) -> None:
    bench.twin.add_fault("GET /connections", kind)
    answer = await _list(bench)
    assert answer.status_code == 200
    assert answer.headers["x-request-id"]
    assert check(answer)


async def test_204(bench: Bench) -> None:
    bench.twin.add_fault("GET /connections", "empty", status=204)
    assert (await _list(bench)).status_code == 204


@pytest.mark.parametrize("body", [{}, [], None, {"data": None}, {"profile": None}, "Ratelimited", "x" * 1_000_000])
async def test_any_json(bench: Bench, body: Any) -> None:  # noqa: ANN401
    bench.twin.add_fault("GET /connections", "json", body=body)
    assert (await _list(bench)).json() == body


async def test_half_page_claims_to_be_the_whole(bench: Bench) -> None:
    whole = (await _list(bench, limit="100")).json()["data"]
    bench.twin.add_fault("GET /connections", "half_page")
    half = (await _list(bench, limit="100")).json()
    assert half["data"] == whole[: len(whole) // 2]
    assert half["list_metadata"]["after"] is None


async def test_first_order_wins_and_removal_restores(bench: Bench) -> None:
    first = bench.twin.add_fault("GET /connections", "status", status=500)
    bench.twin.add_fault("* *", "status", status=418)
    assert (await _list(bench)).status_code == 500
    bench.twin.remove_fault(first.id)
    assert (await _list(bench)).status_code == 418
    bench.twin.clear_faults()
    assert (await _list(bench)).status_code == 200


async def test_refused_connections_and_recovery_on_the_same_port(bench: Bench) -> None:
    await bench.twin.refuse_connections()
    try:
        with pytest.raises(httpx.ConnectError):
            await _list(bench)
        control = await bench.browser.put(f"{bench.control_url}/listening", json={"accept": True})
        assert control.status_code == 204
        assert (await _list(bench)).status_code == 200
    finally:
        await bench.twin.accept_connections()


async def test_closing_does_not_wait_for_sleeping_requests(bench: Bench) -> None:
    bench.twin.add_fault("GET /connections", "latency", delay_ms=60_000)
    request = asyncio.create_task(_list(bench))
    while not bench.twin.hits("/connections"):
        await asyncio.sleep(0.01)
    began = time.perf_counter()
    await bench.twin.refuse_connections()
    assert time.perf_counter() - began < 1
    with pytest.raises(httpx.TransportError):
        await request
    await bench.twin.accept_connections()
