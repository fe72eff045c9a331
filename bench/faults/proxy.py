"""Proxy: a TCP relay between the gateway and WorkOS that can refuse, reset, swallow, slow down, cut and babble."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncGenerator
from typing import Literal, Self
from urllib.parse import urlsplit

Mode = Literal["pass", "latency", "reset", "blackhole", "trickle", "cut", "garbage"]
_CHUNK = 65_536


class Proxy:
    """Relays to `upstream`. `mode` counts for connections and answers that come from now on.

    `latency` waits `seconds` before each answer, `trickle` sends one byte every `seconds`, `reset` breaks the
    connection as soon as something is asked, `blackhole` takes questions and never answers, `cut` closes in the middle
    of an answer, `garbage` answers bytes that are not HTTP.
    """

    def __init__(self, upstream: str) -> None:
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.url = upstream
        self.mode: Mode = "pass"
        self.seconds = 0.0
        self.connections = 0
        self._open: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Self]:
        """Listen on a free port; `url` is where."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    def set(self, mode: Mode, seconds: float = 0) -> None:
        """Behave so from now on; connections that are open are broken, so that the next question meets the fault."""
        self.mode, self.seconds = mode, seconds
        for task in self._open:
            task.cancel()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._relay(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(*self._upstream)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._ask(reader, back, writer))
                tasks.create_task(self._answer(there, writer))
        except* OSError:
            pass
        finally:
            back.transport.abort()

    async def _ask(
        self, reader: asyncio.StreamReader, back: asyncio.StreamWriter, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(_CHUNK):
            match self.mode:
                case "reset":
                    # Lingering for no time makes the kernel send a RST instead of a FIN.
                    found: socket.socket = writer.get_extra_info("socket")
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    raise ConnectionResetError
                case "blackhole":
                    continue
                case "garbage":
                    writer.write(os.urandom(200))
                    raise ConnectionResetError
                case _:
                    back.write(data)
                    await back.drain()
        raise ConnectionResetError  # the gateway hung up: the other direction ends too

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(_CHUNK):
            match self.mode:
                case "trickle":
                    for byte in data:
                        writer.write(bytes([byte]))
                        await asyncio.sleep(self.seconds)
                case "cut":
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    raise ConnectionAbortedError
                case "latency":
                    await asyncio.sleep(self.seconds)
                    writer.write(data)
                case _:
                    writer.write(data)
            await writer.drain()
        raise ConnectionAbortedError
