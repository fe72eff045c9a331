"""What a bare ASGI callable needs: read a header, a cookie, a body; answer."""

import itertools
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Door = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

JSON: Headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]

# The contract gives every answer an id: a random start and a counter is the least that is unique.
_START = os.urandom(8).hex().encode()
_NUMBERS = itertools.count()


def request_id() -> tuple[bytes, bytes]:
    """Return the X-Request-Id header of one answer."""
    return b"x-request-id", b"%s-%d" % (_START, next(_NUMBERS))


def header(scope: Scope, name: bytes) -> bytes:
    """Return the header's value, empty when absent."""
    for key, value in scope["headers"]:
        if key == name:
            return value
    return b""


def cookie(scope: Scope, name: bytes) -> bytes:
    """Return the cookie's value, empty when absent."""
    for part in header(scope, b"cookie").split(b";"):
        key, _, value = part.strip().partition(b"=")
        if key == name:
            return value
    return b""


def field(pairs: bytes, name: bytes) -> str:
    """Return one field of a query string or a form, empty when absent."""
    for pair in pairs.split(b"&"):
        key, _, value = pair.partition(b"=")
        if key == name:
            text = value.decode()
            return unquote(text) if "%" in text else text
    return ""


async def body_of(receive: Receive) -> bytes:
    """Return the request's whole body."""
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    """Send one whole answer."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length, request_id()]})
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, status: int, code: bytes) -> None:
    """Send a problem: the load makes none, the proofs do."""
    body = b'{"code":"%s","status":%d}' % (code, status)
    await answer(send, status, [(b"content-type", b"application/problem+json")], body)
