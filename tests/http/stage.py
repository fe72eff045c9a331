"""A small application on a real socket, run as the gateway is run, for tests of what happens below the routes."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from contextvars import ContextVar
from typing import Any

from app.http.protocol import Limits
from app.http.serving import GatewayServer, uvicorn_config

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_mark: ContextVar[str] = ContextVar("mark", default="clean")


async def app(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
    """Answer by path; see each branch."""
    if scope["type"] == "lifespan":
        await _live(receive, send)
        return
    match scope["path"]:
        case "/pause":
            await asyncio.sleep(1)
            await answer(send, b"pause")
        case "/slow":
            await asyncio.sleep(2)
            await answer(send, b"slow")
        case "/body":
            await answer(send, b"%d" % len(await body_of(receive)))
        case "/late":  # in no hurry to read what was sent
            await asyncio.sleep(1)
            await answer(send, b"%d" % len(await body_of(receive)))
        case "/headers":  # as they are once the body has been read
            await body_of(receive)
            await answer(send, b",".join(name for name, _ in scope["headers"]))
        case "/context":  # what an earlier request left in this one's context
            found = _mark.get()
            _mark.set("dirty")
            await asyncio.sleep(0.05)
            await answer(send, found.encode())
        case _:  # without reading the body
            await answer(send, b"ok")


async def body_of(receive: Receive) -> bytes:
    body = b""
    while (message := await receive())["type"] == "http.request":
        body += message["body"]
        if not message["more_body"]:
            break
    return body


async def answer(send: Send, body: bytes) -> None:
    await send(
        {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]},
    )
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


@contextlib.contextmanager
def serving(application: App = app, limits: Limits | None = None) -> Generator[int]:
    """Serve `application` in a thread, with uvloop as in production; yield the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = GatewayServer(uvicorn_config(application, host="127.0.0.1", port=0, limits=limits))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            _await_start(server)
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)
            assert not thread.is_alive()


def _await_start(server: GatewayServer) -> None:
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def talk(port: int, *pieces: bytes, pause_s: float = 0.0) -> bytes:
    """Send the pieces with pauses between them; return all that is answered until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with contextlib.suppress(ConnectionError):  # refused while sending: the answer is still to be read
            for index, piece in enumerate(pieces):
                if index:
                    await asyncio.sleep(pause_s)
                writer.write(piece)
                await writer.drain()
        return await read_to_end(reader)
    finally:
        writer.close()


async def read_to_end(reader: asyncio.StreamReader) -> bytes:
    """Return what comes until the connection closes, however it closes; 10 s at most."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            while piece := await reader.read(65536):
                heard += piece
    return heard
