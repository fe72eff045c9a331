"""Odd requests at the routes that take a cookie: no 5xx, no row changed, no body read."""

import asyncio

import pytest

from tests.asgi import Headers, ask
from tests.builders import Tenant
from tests.gateway import BASE, Browser, Stage

ROUTES = ("/auth/token", "/auth/logout")
JSON = ("content-type", "application/json")


@pytest.fixture
async def person(tenant: Tenant) -> Browser:
    return await tenant.signed_in()


@pytest.mark.parametrize("path", ROUTES)
async def test_cookies_with_odd_bytes(path: str, person: Browser, stage: Stage) -> None:
    good = (person.session_cookie or "").encode()
    values = [
        b"",
        b"x",
        b"x" * 42,
        b"x" * 43,
        b"x" * 44,
        b"\xff" * 43,
        b"\x00" * 43,
        b"\xed\xa0\x80" + b"x" * 40,
        "é".encode() * 21 + b"x",
        b"%00" + good,
        b'"' + good + b'"',
        good + b"=",
        good + b" x",
        good[:-1],
        good.swapcase(),
        good[:-1] + bytes([good[-1] ^ 1]),
        b"' or 1=1--" + b"x" * 33,
        b"A" * 20_000,
    ]
    for value in values:
        answer = await ask(stage.app, "POST", path, [("cookie", b"mp_session=" + value), ("origin", BASE)])
        assert answer.status == 401, value
    for line in (b"", b";", b"=;=;", b"mp_session", b"\xff\xfe", b"mp_session;mp_session=", b"a=b; " * 2_000):
        assert (await ask(stage.app, "POST", path, [("cookie", line), ("origin", BASE)])).status in {400, 401}, line[
            :20
        ]
    assert (await person.token()).status_code == 200


async def test_cookie_among_others_and_across_lines(person: Browser, stage: Stage) -> None:
    """HTTP/2 splits cookies over several lines (RFC 9113 section 8.2.3); proxies hand them on like that."""
    own = f"mp_session={person.session_cookie}"
    lines: list[Headers] = [
        [("cookie", f"a=1;{own};b=2")],
        [("cookie", "a=1"), ("cookie", own), ("cookie", "b=\xff")],
        [("cookie", f"  {own}  ")],
        [("cookie", f"xmp_session=1; {own}; mp_session2=3")],
    ]
    for headers in lines:
        assert (await ask(stage.app, "POST", "/auth/token", [*headers, ("origin", BASE)])).status == 200, headers


@pytest.mark.parametrize("path", ROUTES)
async def test_huge_bodies_are_not_read(path: str, person: Browser, stage: Stage) -> None:
    cookie = ("cookie", f"mp_session={person.session_cookie}")
    pieces = [b"x" * 65_536] * 100
    for extra in (
        [("transfer-encoding", "chunked")],
        [("content-length", "9" * 30)],
        [("content-length", str(10**10))],
    ):
        foreign = await ask(stage.app, "POST", path, [cookie, ("origin", BASE), *extra], body=pieces)
        assert foreign.status in {403, 413}
        assert foreign.pieces_read == 0
    answer = await ask(stage.app, "POST", path, [cookie, ("origin", BASE), JSON], body=pieces)
    assert answer.pieces_read == 0
    assert answer.status in {200, 413}


@pytest.mark.parametrize("path", ROUTES)
async def test_headers_that_must_come_once(path: str, person: Browser, stage: Stage) -> None:
    cookie = ("cookie", f"mp_session={person.session_cookie}")
    for name, value in (("origin", BASE), ("content-type", "application/json"), ("content-length", "0")):
        headers = [cookie, ("origin", BASE), (name, value), (name, value)]
        assert (await ask(stage.app, "POST", path, headers)).status == 400, name
    assert (await ask(stage.app, "POST", path, [cookie, ("origin", BASE), ("host", "evil.example")])).status == 421


async def test_emergency_tokens_in_odd_shapes(stage: Stage) -> None:
    before = await stage.count("sessions")
    bodies = {
        b"": 400, b"{}": 422, b"[]": 422, b"null": 422, b'{"token":7}': 422, b'{"token":null}': 422,
        b'{"token":""}': 400, b'{"token":"x","more":1}': 422, b'{"token":"\\ud800"}': 400, b'{"token":"\\u0000"}': 400,
        b"[" * 4_000: 422, b"\xff\xfe": 400, b'{"token":"' + b"x" * 5_000 + b'"}': 413,
    }  # fmt: skip
    for body, status in bodies.items():
        answer = await ask(stage.app, "POST", "/auth/break-glass", [JSON], body=[body])
        assert answer.status == status, body[:40]
        assert answer.all("set-cookie") == []
    assert await stage.count("sessions") == before


async def test_clients_that_leave_half_way_disturb_nobody(person: Browser, stage: Stage) -> None:
    """A browser that closes its tab cancels its request; those batched with it still get their tokens."""
    headers = [("cookie", f"mp_session={person.session_cookie}"), ("origin", BASE)]
    tasks = [asyncio.create_task(ask(stage.app, "POST", "/auth/token", headers)) for _ in range(60)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    await asyncio.sleep(0.002)
    for task in tasks[1::3]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    kept = [answer for answer in answers[2::3] if not isinstance(answer, BaseException)]
    assert len(kept) == 20
    assert {answer.status for answer in kept} == {200}
    assert (await person.token()).status_code == 200
