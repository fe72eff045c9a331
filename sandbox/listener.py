"""Listener: one port of the twin, served by uvicorn inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Generator
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class OpenProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which lets the application reach its socket (a reset needs it)."""

    def on_message_begin(self) -> None:
        """Put the transport into the request's scope."""
        super().on_message_begin()
        cast("dict[str, Any]", self.scope)["sandbox.transport"] = self.transport


class QuietServer(uvicorn.Server):
    """A server that leaves signals to whoever owns the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none: in a test run they are pytest's, in the program `__main__`'s."""
        yield


class Listener:
    """Opens and closes one port; after `close` the same port can be opened again."""

    def __init__(self, app: Any, host: str, port: int) -> None:  # noqa: ANN401 - any ASGI application
        self.app = app
        self.host = host
        self.port = port
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The address people use."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104 - compared, not bound
        return f"http://{host}:{self.port}"

    async def open(self) -> None:
        """Listen. Port 0 takes a free one and keeps it. Raises `OSError` when the port is taken."""
        listening = socket.create_server((self.host, self.port), backlog=2048)
        # asyncio leaves Nagle's algorithm on for sockets it did not make: every answer would take 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            self.app, http=OpenProtocol, ws="none", lifespan="off", log_config=None, access_log=False,
            timeout_keep_alive=60, server_header=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = QuietServer(config)
        self._task = asyncio.create_task(self._server.serve(sockets=[listening]))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.005)

    async def close(self) -> None:
        """Stop listening and drop every connection; a request still at work is cancelled."""
        if self._server is None or self._task is None:
            return
        for listening in self._server.servers:
            listening.close()
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        # Cancelled rather than asked to exit: uvicorn's polite way takes 0.2 s, which every test would pay.
        at_work = [self._task, *self._server.server_state.tasks]
        for task in at_work:
            task.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        # Closing a transport takes one more round of the loop; ending the loop before that leaks the socket.
        await asyncio.sleep(0)
        self._server = self._task = None
