"""The protocol class on real sockets: deadline, head budget, trailers, pipelining, connection cap."""

import asyncio
import gc
import threading
import time
from collections.abc import Generator, MutableMapping
from typing import Any

import pytest
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from app.http.protocol import Limits
from tests.http.stage import Receive, Send, app, read_to_end, serving, talk

DEADLINE_S = 0.5
GET = b"GET /%s HTTP/1.1\r\nhost: a\r\n\r\n"
LAST = b"GET /%s HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"
POST = b"POST /%s HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n"
CHUNKED = b"POST /%s HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def port() -> Generator[int]:
    with serving(limits=Limits(receive_deadline_s=DEADLINE_S)) as port:
        yield port


def statuses(heard: bytes) -> list[int]:
    return [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\n", [408], id="half a head"),
        pytest.param(POST % (b"body", 9) + b"half", [408], id="half a body"),
        pytest.param(CHUNKED % b"body" + b"4\r\nhalf\r\n", [408], id="half a chunked body"),
        pytest.param(b"", [], id="nothing: a connection opened in advance is owed no answer"),
        pytest.param(b"\r\n", [], id="an empty line"),
        pytest.param(POST % (b"", 9) + b"half", [200], id="half a body after its answer"),
        pytest.param(GET % b"" + b"GET /", [200, 408], id="half a head after a request"),
    ],
)
async def test_what_is_not_finished_is_closed_at_the_deadline(port: int, sent: bytes, expected: list[int]) -> None:
    begun = time.monotonic()
    heard = await talk(port, sent)
    assert statuses(heard) == expected
    assert DEADLINE_S * 0.9 <= time.monotonic() - begun <= DEADLINE_S + 1


async def test_an_empty_line_after_a_request_does_not_hold_the_connection(port: int) -> None:
    begun = time.monotonic()
    assert statuses(await talk(port, GET % b"", b"\r\n", pause_s=0.1)) == [200]
    assert time.monotonic() - begun <= DEADLINE_S + 1


async def test_a_trickle_does_not_extend_the_deadline(port: int) -> None:
    begun = time.monotonic()
    await talk(port, POST % (b"body", 99), *[b"x"] * 60, pause_s=0.05)
    assert time.monotonic() - begun <= DEADLINE_S + 1


async def test_a_body_that_comes_in_time_is_taken(port: int) -> None:
    head = b"POST /body HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 6\r\n\r\n"
    heard = await talk(port, head, b"abc", b"def", pause_s=0.1)
    assert heard.endswith(b"\r\n\r\n6")


async def test_an_idle_connection_is_not_under_the_deadline(port: int) -> None:
    heard = await talk(port, GET % b"", LAST % b"", pause_s=DEADLINE_S * 2)
    assert statuses(heard) == [200, 200]


async def test_each_request_has_a_deadline_of_its_own(port: int) -> None:
    halves = [b"GET / HTTP/1.1\r\n", b"host: a\r\n\r\n"]
    heard = await talk(port, *halves * 3, LAST % b"", pause_s=DEADLINE_S * 0.6)
    assert statuses(heard) == [200] * 4


async def test_a_slow_answer_is_not_the_clients_fault(port: int) -> None:
    assert statuses(await talk(port, LAST % b"pause")) == [200]


async def test_a_body_that_the_application_is_slow_to_read_is_not_the_clients_fault(port: int) -> None:
    size = 4_000_000  # more than the sockets' buffers hold, so that the client cannot have sent it all
    head = b"POST /late HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size
    heard = await talk(port, head + b"x" * size)
    assert heard.endswith(b"\r\n\r\n%d" % size)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(b"x: " + b"x" * 28_000, [200], id="28 kB pass"),
        pytest.param(b"x: " + b"x" * 37_000, [431], id="37 kB in one header"),
        pytest.param(b"\r\n".join(b"x-%d: %s" % (n, b"x" * 90) for n in range(400)), [431], id="40 kB in many headers"),
        pytest.param(b"x: " + b"x" * 300_000, [431], id="300 kB"),
    ],
)
async def test_a_head_has_a_budget(port: int, head: bytes, expected: list[int]) -> None:
    heard = await talk(port, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n" + head + b"\r\n\r\n")
    assert statuses(heard) == expected


async def test_a_long_address_has_the_same_budget(port: int) -> None:
    assert statuses(await talk(port, LAST % (b"x" * 40_000))) == [431]


async def test_a_large_body_is_not_a_large_head(port: int) -> None:
    head = b"POST /body HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 1000000\r\n\r\n"
    heard = await talk(port, head + b"x" * 1_000_000)
    assert heard.endswith(b"\r\n\r\n1000000")


async def test_trailers_reach_nobody(port: int) -> None:
    heard = await talk(port, CHUNKED % b"headers" + b"1\r\nx\r\n0\r\nx-role: admin\r\n\r\n")
    assert heard.endswith(b"\r\n\r\nhost,connection,transfer-encoding")


@pytest.mark.parametrize("rest", [b"0\r\nx: ", b"1;"], ids=["trailer", "chunk extension"])
async def test_what_follows_a_head_has_the_budget_too(port: int, rest: bytes) -> None:
    heard = await talk(port, CHUNKED % b"body" + b"1\r\nx\r\n" + rest + b"x" * 60_000)
    assert statuses(heard) == [431]


async def test_pipelined_requests_are_answered_in_order(port: int) -> None:
    heard = await talk(port, GET % b"context" + POST % (b"body", 5) + b"hello" + GET % b"" + LAST % b"headers")
    assert statuses(heard) == [200] * 4
    bodies = [part.split(b"\r\n\r\n")[1] for part in heard.split(b"HTTP/1.1 ")[1:]]
    assert bodies == [b"clean", b"5", b"ok", b"host,connection"]


async def test_what_is_pipelined_without_end_waits_in_the_socket() -> None:
    """Parsed and kept, each request costs 1.5 kB: one connection would fill the memory (seen: 650 MB in 5 s)."""
    answered, gate = 0, threading.Event()

    async def slow_at_first(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        nonlocal answered
        if scope["type"] == "http":
            while not gate.is_set() and answered:
                await asyncio.sleep(0.01)
            answered += 1
        await app(scope, receive, send)

    with serving(slow_at_first) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write((POST % (b"body", 5) + b"hello") * 30_000 + LAST % b"")
        await asyncio.sleep(1)
        waiting = sum(isinstance(found, RequestResponseCycle) for found in gc.get_objects())
        gate.set()
        heard = await read_to_end(reader)
        writer.close()
    assert waiting < 100
    assert heard.count(b"\r\n\r\n5") == 30_000
    assert heard.endswith(b"ok")


async def test_a_pipelined_request_starts_in_a_context_of_its_own(port: int) -> None:
    heard = await talk(port, (GET % b"context") * 2 + LAST % b"context")
    assert heard.count(b"\r\n\r\nclean") == 3


@pytest.mark.parametrize(
    "unfinished",
    [b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nx: " + b"x" * 50_000, POST % (b"body", 9) + b"half"],
    ids=["half a head", "too large a head", "half a body"],
)
async def test_an_unfinished_request_does_not_cut_the_answer_before_it(port: int, unfinished: bytes) -> None:
    heard = await talk(port, GET % b"pause" + unfinished)
    assert statuses(heard)[0] == 200
    assert b"\r\n\r\npause" in heard
    assert statuses(heard)[1:] in ([], [408])


async def test_no_banner(port: int) -> None:
    heard = await talk(port, LAST % b"")
    assert b"server:" not in heard.lower()
    assert b"uvicorn" not in heard.lower()


async def test_connections_are_capped_and_freed() -> None:
    with serving(limits=Limits(connections=3)) as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        for reader, writer in held:  # answered, so they are known to be counted
            writer.write(GET % b"")
            assert await reader.readuntil(b"ok")
        assert statuses(await talk(port, LAST % b"")) == [503]
        held[0][1].close()
        await asyncio.sleep(0.1)
        assert statuses(await talk(port, LAST % b"")) == [200]
        for reader, writer in held[1:]:
            writer.write(LAST % b"")
            assert statuses(await read_to_end(reader)) == [200]
            writer.close()
