"""Proxy: a relay between the gateway and WorkOS, or PostgreSQL, that resets, swallows, holds, delays, cuts, babbles."""

import asyncio
import contextlib
import os
import socket
import struct
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

Mode = Literal["pass", "latency", "reset", "blackhole", "hold", "trickle", "cut", "garbage"]
_CHUNK = 65_536
_LOOK_S = 0.02


class Proxy:
    """Relays to `upstream`. `mode` counts for connections and answers that come from now on.

    `latency` waits `seconds` before each answer, `trickle` sends one byte every `seconds`, `reset` breaks the
    connection as soon as something is asked, `blackhole` takes questions and never answers, `cut` closes in the middle
    of an answer, `garbage` answers bytes that are not HTTP. `hold` lets nothing through in either direction while it
    is the mode, and everything afterwards: a cut cable, whose packets TCP sends again. A connection that `blackhole`
    has swallowed from is lost for good, as one that a firewall has forgotten.
    """

    def __init__(self, upstream: str, *, socket: Path | None = None) -> None:
        """Take the URL to relay to, or the path of a local socket beside it."""
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._socket = socket
        self.port = 0
        self.url = upstream
        self.mode: Mode = "pass"
        self.seconds = 0.0
        self.connections = 0
        self._open: set[asyncio.Task[None]] = set()

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncGenerator[Self]:
        """Listen on a free port; `url` is where."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = int(server.sockets[0].getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        try:
            yield self
        finally:
            server.close()
            for task in self._open:
                task.cancel()
            await asyncio.gather(*self._open, return_exceptions=True)

    def set(self, mode: Mode, seconds: float = 0, *, keep: bool = False) -> None:
        """Behave so from now on; connections that are open are broken, so that the next question meets the fault.

        `keep` them, and they meet it as they are.
        """
        self.mode, self.seconds = mode, seconds
        for task in () if keep else self._open:
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
        if self._socket is None:
            there, back = await asyncio.open_connection(*self._upstream)
        else:
            there, back = await asyncio.open_unix_connection(str(self._socket))
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
            await self._held()
            match self.mode:
                case "reset":
                    # Lingering for no time makes the kernel send a RST instead of a FIN.
                    found: socket.socket = writer.get_extra_info("socket")
                    found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    raise ConnectionResetError
                case "blackhole":
                    await self._swallowed(reader)
                case "garbage":
                    writer.write(os.urandom(200))
                    raise ConnectionResetError
                case _:
                    back.write(data)
                    await back.drain()
        await self._passable()
        raise ConnectionResetError  # the gateway hung up: the other direction ends too

    async def _passable(self) -> None:
        """Wait while nothing gets through; neither does the news that somebody hung up."""
        while self.mode in {"hold", "blackhole"}:
            await asyncio.sleep(_LOOK_S)

    async def _held(self) -> None:
        while self.mode == "hold":
            await asyncio.sleep(_LOOK_S)

    @staticmethod
    async def _swallowed(reader: asyncio.StreamReader) -> None:
        while await reader.read(_CHUNK):
            continue

    async def _answer(self, there: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await there.read(_CHUNK):
            await self._held()
            match self.mode:
                case "blackhole":
                    await self._swallowed(there)
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
        await self._passable()
        raise ConnectionAbortedError
