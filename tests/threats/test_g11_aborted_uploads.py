"""G11: clients that leave in the middle of an upload write nothing into the log."""

import asyncio
import logging

import pytest
from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from tests.http.stage import serving, talk

HALF = b"POST /upload HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" + b"x" * 5000
WHOLE = b"POST /upload HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello"


def an_application(received: list[str]) -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/upload")
    async def upload(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]  # FastAPI calls it
        received.append("begun")
        return Response(await request.body())

    @app.exception_handler(ClientDisconnect)
    async def leave(_request: Request, _gone: Exception) -> Response:  # pyright: ignore[reportUnusedFunction]  # as above
        received.append("gone")
        return Response(status_code=400)

    return app


async def abort(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HALF)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()


async def test_g11_four_hundred_aborted_uploads_leave_no_traceback(caplog: pytest.LogCaptureFixture) -> None:
    received: list[str] = []
    with caplog.at_level(logging.WARNING), serving(an_application(received)) as port:
        for _ in range(4):
            await asyncio.gather(*(abort(port) for _ in range(100)))
        assert (await talk(port, WHOLE)).endswith(b"hello")
    assert received.count("begun") == 401
    assert received.count("gone") == 400
    assert [record.getMessage() for record in caplog.records] == []
