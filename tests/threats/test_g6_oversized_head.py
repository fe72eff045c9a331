"""G6, the head: 300 kB of headers or address are refused before the application hears of them."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from tests.http import stage
from tests.http.stage import Receive, Send, serving, talk


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"x" * 300_000 + b"\r\n\r\n", id="one header"),
        pytest.param(b"GET / HTTP/1.1\r\nhost: a\r\n" + b"x: y\r\n" * 50_000 + b"\r\n", id="many headers"),
        pytest.param(b"GET /" + b"x" * 300_000 + b" HTTP/1.1\r\nhost: a\r\n\r\n", id="address"),
    ],
)
async def test_g6_a_head_of_300_kb_is_refused(request_: bytes) -> None:
    heard_by_the_application: list[str] = []

    async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            heard_by_the_application.append(scope["path"])
        await stage.app(scope, receive, send)

    with serving(app) as port:
        # In pieces: a client that has sent everything before it looks may find its connection reset.
        pieces = [request_[start : start + 20_000] for start in range(0, 60_000, 20_000)]
        assert (await talk(port, *pieces, pause_s=0.01)).startswith(b"HTTP/1.1 431 ")
        await talk(port, request_)
        assert not heard_by_the_application
        assert (await talk(port, b"GET /after HTTP/1.1\r\nconnection: close\r\n\r\n")).startswith(b"HTTP/1.1 200 ")
    assert heard_by_the_application == ["/after"]
