"""The front of the public port, pure ASGI: records the hit, lets the fault happen, stamps `x-request-id`."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from sandbox.faults import FaultBook
from sandbox.hits import Hit, HitLog
from sandbox.misbehave import misbehave
from sandbox.state import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Front:
    """Wraps the application; costs nothing but the request id when there are no faults and no recording."""

    def __init__(self, app: App, world: World, faults: FaultBook, hits: HitLog) -> None:
        self.app = app
        self.world = world
        self.faults = faults
        self.hits = hits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            await self._serve(scope, receive, send)
        except asyncio.CancelledError:
            # The port was closed under a request that slept on purpose; uvicorn would print a traceback for it.
            return

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = self.world.ids.uuid("request")
        hit: Hit | None = None
        if self.hits.recording:
            body = await _read(receive)
            receive = _replay(body, receive)
            hit = self._record(scope, body, request_id)
        stamped = _stamp(send, request_id, hit)
        fault = self.faults.take(scope["method"], scope["path"]) if self.faults.orders else None
        if fault is None:
            await self.app(scope, receive, stamped)
            return
        if hit:
            hit.fault = fault.kind
        await misbehave(fault, self.app, scope, receive, stamped)

    def _record(self, scope: Scope, body: bytes, request_id: str) -> Hit:
        hit = Hit(
            self.world.now(), scope["method"], scope["path"], scope["query_string"], scope["headers"], body, request_id
        )
        self.hits.add(hit)
        return hit


async def _read(receive: Receive) -> bytes:
    """The whole body."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body again, then whatever comes after it."""
    pending = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed


def _stamp(send: Send, request_id: str, hit: Hit | None) -> Send:
    """A `send` that puts the request id on the answer, as WorkOS does on every one."""

    async def stamped(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), (b"x-request-id", request_id.encode())]
            if hit:
                hit.status = message["status"]
        await send(message)

    return stamped
