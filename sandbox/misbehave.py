"""The deed of each fault, on the level of ASGI messages and, for resets, of the socket."""

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from sandbox.faults import Fault

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

HTML = "<!doctype html><title>Bad gateway</title><h1>502 Bad Gateway</h1>"
GARBAGE = b'{"object": \xff\xfe\xfa not json'
FLUSH_SECONDS = 0.05


class Answer:
    """What the application answered, caught before it leaves; `send` takes the place of the real one."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []
        self.body = b""

    async def send(self, message: Message) -> None:
        """Take a message."""
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        else:
            self.body += message.get("body", b"")


async def misbehave(fault: Fault, app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Let one request meet its fault."""
    if fault.kind != "trickle":
        await asyncio.sleep(fault.delay_ms / 1000)
    if fault.kind == "latency":
        await app(scope, receive, send)
    elif fault.kind in MADE_UP:
        await _send(send, *MADE_UP[fault.kind](fault))
    elif fault.kind == "reset" and fault.when == "before":
        await _reset(scope, receive)
    else:
        await _spoil(fault, app, scope, receive, send)


async def _spoil(fault: Fault, app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """The kinds that need the real answer first: the request has taken effect by then."""
    answer = Answer()
    await app(scope, receive, answer.send)
    if fault.kind == "trickle":
        await _trickle(answer, send, fault.delay_ms / 1000)
    elif fault.kind == "half_page":
        await _send(send, answer.status, answer.headers, _half_page(answer.body))
    elif fault.kind == "truncated":
        await _send_half(answer, send)
        _transport(scope).close()
        await _gone(receive)
    else:
        if fault.when == "during":
            await _send_half(answer, send)
        await _reset(scope, receive)


def _status(fault: Fault) -> tuple[int, Headers, bytes]:
    status = fault.status or 500
    return status, _headers(fault, "application/json"), _encode(fault.body or _status_body(status))


def _json(fault: Fault) -> tuple[int, Headers, bytes]:
    return fault.status or 200, _headers(fault, "application/json"), json.dumps(fault.body).encode()


def _redirect(fault: Fault) -> tuple[int, Headers, bytes]:
    return fault.status or 302, [*_headers(fault, "text/plain"), (b"location", fault.location.encode())], b""


def _html(fault: Fault) -> tuple[int, Headers, bytes]:
    return fault.status or 200, _headers(fault, "text/html; charset=utf-8"), _encode(fault.body or HTML)


def _empty(fault: Fault) -> tuple[int, Headers, bytes]:
    return fault.status or 200, _headers(fault, "application/json"), b""


def _garbage(fault: Fault) -> tuple[int, Headers, bytes]:
    return fault.status or 200, _headers(fault, "application/json"), GARBAGE


MADE_UP: dict[str, Callable[[Fault], tuple[int, Headers, bytes]]] = {
    "status": _status,
    "json": _json,
    "redirect": _redirect,
    "html": _html,
    "empty": _empty,
    "garbage": _garbage,
}


def _status_body(status: int) -> dict[str, Any]:
    """WorkOS's usual body for a status."""
    if status == 401:  # noqa: PLR2004
        return {"error": "Unauthorized", "message": "Unauthorized"}
    if status == 404:  # noqa: PLR2004
        return {"code": "entity_not_found", "message": "Not Found"}
    if status == 429:  # noqa: PLR2004
        return {"code": "rate_limit_exceeded", "message": "Rate limit exceeded.", "retry_after": 1}
    return {"message": "Internal Server Error" if status >= 500 else "Request refused."}  # noqa: PLR2004


def _headers(fault: Fault, content_type: str) -> Headers:
    given = [(name.lower().encode(), value.encode()) for name, value in fault.headers.items()]
    own = [] if any(name == b"content-type" for name, _ in given) else [(b"content-type", content_type.encode())]
    return given + own


def _encode(body: Any) -> bytes:  # noqa: ANN401 - whatever the order says
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _half_page(body: bytes) -> bytes:
    """The first half of a list that claims to be all of it; what is not a list stays as it is."""
    try:
        parsed: Any = json.loads(body)
    except ValueError:
        return body
    if not isinstance(parsed, dict) or not isinstance(cast("dict[str, Any]", parsed).get("data"), list):
        return body
    listing = cast("dict[str, Any]", parsed)
    listing["data"] = listing["data"][: len(listing["data"]) // 2]
    listing["list_metadata"] = {"before": None, "after": None}
    return json.dumps(listing).encode()


async def _send(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """A whole answer, with the length it really has."""
    kept = [(name, value) for name, value in headers if name != b"content-length"]
    length = [] if status == 204 else [(b"content-length", str(len(body)).encode())]  # noqa: PLR2004
    await send({"type": "http.response.start", "status": status, "headers": kept + length})
    await send({"type": "http.response.body", "body": body})


async def _trickle(answer: Answer, send: Send, pause: float) -> None:
    """The answer's body, one byte per pause: alive for every read timeout, finished for none."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    for byte in answer.body:
        await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b""})


async def _send_half(answer: Answer, send: Send) -> None:
    """The headers, which promise the whole body, and half of it."""
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    half = answer.body[: len(answer.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})
    # The loop writes when it comes round; closing at once would lose what was sent.
    await asyncio.sleep(FLUSH_SECONDS)


async def _reset(scope: Scope, receive: Receive) -> None:
    """End the connection with RST: lingering for zero seconds makes close() drop it instead of saying goodbye."""
    transport = _transport(scope)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


def _transport(scope: Scope) -> asyncio.Transport:
    return cast("asyncio.Transport", scope["sandbox.transport"])


async def _gone(receive: Receive) -> None:
    """Wait until the server has seen the connection end; returning earlier, it would try to answer 500."""
    while (await receive())["type"] != "http.disconnect":
        pass
