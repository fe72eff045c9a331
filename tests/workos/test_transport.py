"""The lean transport: HTTP/1.1 as the RFCs have it, connections reused only when they are clean."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Callable

import httpx
import pytest
import uvloop

from app.workos.link import AnswerMalformed
from app.workos.transport import LeanTransport, open_http_client
from tests.workos.upstream import Script, Upstream, answering, http

GOOD = http(200, b"hello")


@pytest.fixture
async def client() -> AsyncGenerator[httpx.AsyncClient]:
    async with open_http_client(timeout=0.5) as opened:
        yield opened


def in_pieces(answer: bytes, size: int) -> Script:
    async def script(writer: asyncio.StreamWriter) -> None:
        for start in range(0, len(answer), size):
            writer.write(answer[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)

    return script


def and_close(answer: bytes) -> Script:
    async def script(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    return script


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nx-late: 1\r\n\r\n"
INTERIM = b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"


@pytest.mark.parametrize(
    ("script", "connections"),
    [
        (answering(GOOD), 1),
        (in_pieces(GOOD, 1), 1),
        (answering(CHUNKED), 1),
        (in_pieces(CHUNKED, 3), 1),
        (answering(INTERIM + GOOD), 1),
        (in_pieces(INTERIM + INTERIM + GOOD, 7), 1),
        (answering(http(200, b"hello", "connection: close")), 2),
        (answering(b"HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\nhello"), 2),
        (and_close(b"HTTP/1.1 200 OK\r\n\r\nhello"), 2),
    ],
    ids=["whole", "by byte", "chunked", "chunks in pieces", "interim", "two interim", "close", "http/1.0", "until end"],
)
async def test_answers_are_read_and_connections_kept(
    upstream: Upstream, client: httpx.AsyncClient, script: Script, connections: int
) -> None:
    upstream.script = script
    for _ in range(2):
        answer = await client.get(upstream.url)
        assert (answer.status_code, answer.content) == (200, b"hello")
        assert "x-late" not in answer.headers
        assert "link" not in answer.headers
    assert upstream.connections == connections


async def test_no_body_without_a_body(upstream: Upstream, client: httpx.AsyncClient) -> None:
    upstream.script = answering(b"HTTP/1.1 204 No Content\r\nx-request-id: r\r\n\r\n")
    for _ in range(2):
        answer = await client.post(upstream.url)
        assert (answer.status_code, answer.content, answer.headers["x-request-id"]) == (204, b"", "r")
    assert upstream.connections == 1
    assert b"Content-Length: 0" in upstream.requests[0]


@pytest.mark.parametrize(
    ("script", "error"),
    [
        (answering(b"nonsense\r\n\r\n"), AnswerMalformed),
        (answering(GOOD + GOOD), AnswerMalformed),
        (and_close(GOOD[:-1]), httpx.ReadError),
        (and_close(b""), httpx.ReadError),
        (and_close(b"HTTP/1.1 200 OK\r\nx: y"), httpx.ReadError),
        (and_close(b"HTTP/1.1 103 Early Hints\r\n\r\n"), httpx.ReadError),
        (and_close(CHUNKED[:-30]), httpx.ReadError),
        (answering(GOOD[:-1]), httpx.ReadTimeout),
    ],
    ids=["nonsense", "two answers", "cut body", "nothing", "cut head", "only interim", "cut chunks", "stalled"],
)
async def test_what_goes_wrong_is_an_httpx_error_and_the_connection_goes(
    upstream: Upstream, client: httpx.AsyncClient, script: Script, error: type[Exception]
) -> None:
    upstream.script = script
    with pytest.raises(error):
        await client.get(upstream.url)
    upstream.script = answering(GOOD)
    assert (await client.get(upstream.url)).content == b"hello"
    assert upstream.connections == 2


async def test_a_late_second_answer_meets_nobody(upstream: Upstream, client: httpx.AsyncClient) -> None:
    async def twice(writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD)
        await asyncio.sleep(0.05)
        writer.write(http(200, b"somebody else's"))

    upstream.script = twice
    await client.get(upstream.url)
    await asyncio.sleep(0.1)
    upstream.script = answering(GOOD)
    assert (await client.get(upstream.url)).content == b"hello"
    assert upstream.connections == 2  # its rest may still be on the way


async def test_a_cancelled_answer_meets_nobody(upstream: Upstream, client: httpx.AsyncClient) -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(http(200, b"somebody else's"))

    upstream.script = slow
    given_up = asyncio.create_task(client.get(upstream.url))
    await asyncio.sleep(0.05)
    given_up.cancel()
    await asyncio.gather(given_up, return_exceptions=True)
    upstream.script = answering(GOOD)
    assert (await client.get(upstream.url)).content == b"hello"
    assert upstream.connections == 2


async def test_answers_meet_their_own_requests(upstream: Upstream, client: httpx.AsyncClient) -> None:
    async def echo(writer: asyncio.StreamWriter) -> None:
        path = upstream.requests[-1].split(b" ")[1]
        await asyncio.sleep(0.01)
        writer.write(http(200, path))

    upstream.script = echo
    answers = await asyncio.gather(*[client.get(f"{upstream.url}/{number}?q={number}") for number in range(30)])
    assert [answer.text for answer in answers] == [f"/{number}?q={number}" for number in range(30)]


async def test_a_connection_that_ended_while_idle_is_not_used(upstream: Upstream, client: httpx.AsyncClient) -> None:
    upstream.script = and_close(GOOD)
    await client.get(upstream.url)
    await asyncio.sleep(0.05)
    assert (await client.get(upstream.url)).content == b"hello"


async def test_idle_connections_are_few_and_young(upstream: Upstream) -> None:
    now = 0.0
    transport = LeanTransport(idle_links=2, idle_seconds=15, monotonic=lambda: now)
    upstream.script = answering(GOOD)
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        await asyncio.gather(*[client.get(upstream.url) for _ in range(5)])
        assert upstream.connections == 5
        await asyncio.gather(*[client.get(upstream.url) for _ in range(3)])
        assert upstream.connections == 6
        now = 16.0
        await client.get(upstream.url)
        assert upstream.connections == 7


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (70_000, False)])
async def test_the_body_is_bounded(upstream: Upstream, client: httpx.AsyncClient, size: int, fits: bool) -> None:  # noqa: FBT001 -- a column of the table
    upstream.script = answering(http(200, b"x" * size))
    request = httpx.Request("GET", upstream.url, extensions={"body_limit": 1000})
    if fits:
        assert len((await client.send(request)).content) == size
    else:
        with pytest.raises(AnswerMalformed):
            await client.send(request)


@pytest.mark.parametrize("value", ["a\r\nx-evil: 1", "a\nb", "a\rb", "a\0b"])
async def test_a_header_stays_one_line(upstream: Upstream, client: httpx.AsyncClient, value: str) -> None:
    with pytest.raises(httpx.LocalProtocolError) as caught:
        await client.get(upstream.url, headers={"authorization": value})
    assert value not in str(caught.value)
    assert upstream.requests == []


async def test_only_web_addresses(client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.UnsupportedProtocol):
        await client.get("ftp://127.0.0.1/")


Certify = Callable[[str], tuple[ssl.SSLContext, ssl.SSLContext]]


async def test_over_tls(a_certificate: Certify) -> None:
    serving, trusting = a_certificate("localhost")
    upstream = Upstream(answering(GOOD))
    async with upstream.listening(serving), httpx.AsyncClient(transport=LeanTransport(tls=trusting)) as client:
        port = httpx.URL(upstream.url).port
        for _ in range(2):
            assert (await client.get(f"https://localhost:{port}/")).content == b"hello"
        assert upstream.connections == 1
        with pytest.raises(httpx.ConnectError):  # the certificate names another host
            await client.get(f"https://127.0.0.1:{port}/")
    async with upstream.listening(serving), httpx.AsyncClient(transport=LeanTransport()) as client:
        with pytest.raises(httpx.ConnectError):  # nobody we trust signed it
            await client.get(f"https://localhost:{httpx.URL(upstream.url).port}/")


def test_production_runs_it_on_uvloop(a_certificate: Certify) -> None:
    async def scenario() -> None:
        await test_over_tls(a_certificate)
        async with Upstream(answering(GOOD)).listening() as upstream, open_http_client(timeout=0.2) as client:
            await test_answers_are_read_and_connections_kept(upstream, client, in_pieces(CHUNKED, 3), 1)
            await test_a_cancelled_answer_meets_nobody(upstream, client)
        async with Upstream(answering(GOOD[:-1])).listening() as upstream, open_http_client(timeout=0.2) as client:
            with pytest.raises(httpx.ReadTimeout):
                await client.get(upstream.url)
            with pytest.raises(httpx.ConnectError):
                await client.get("http://127.0.0.1:1/")

    uvloop.run(scenario())
