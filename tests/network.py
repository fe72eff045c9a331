"""A network between a test and PostgreSQL, which may be cut: packets are lost, and nobody is told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Network:
    """Relays to the server of `url`; while `cut` what is sent either way is lost, and so is a hanging up."""

    url: str
    cut: bool = False
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        there, back = await _dialled(self.url)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._pass_on(reader, back))
                both.create_task(self._pass_on(there, writer))
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            self.tasks.discard(task)
            for each in (back, writer):
                each.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                if not self.cut:
                    writer.write(data)
        while self.cut:
            await asyncio.sleep(0.02)
        writer.close()


@contextlib.asynccontextmanager
async def a_network(url: str) -> AsyncGenerator[tuple[Network, str]]:
    """Yield a network, and the URL of the same database over it."""
    network = Network(url)
    server = await asyncio.start_server(network.relay, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    over = make_url(url).set(host="127.0.0.1", port=port, query={})
    try:
        yield network, over.render_as_string(hide_password=False)
    finally:
        server.close()
        for task in list(network.tasks):
            task.cancel()
        await asyncio.gather(*network.tasks, return_exceptions=True)


async def _dialled(url: str) -> Streams:
    parsed = make_url(url)
    host = str(parsed.query.get("host") or parsed.host or "localhost")
    if host.startswith("/"):
        return await asyncio.open_unix_connection(str(Path(host) / f".s.PGSQL.{parsed.query.get('port', 5432)}"))
    return await asyncio.open_connection(host, parsed.port or 5432)
