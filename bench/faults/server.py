"""Server: a PostgreSQL of the harness's own, durable, that may be stopped; each run gets a fresh, migrated database."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncGenerator, Generator
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

from app.db import migrate
from app.db.embedded import EmbeddedPostgres
from app.db.embedded_host import socket_folder

FOLDER = Path(__file__).parents[2] / ".data" / "faults"
"""Not the machine's /tmp: that is swept by others, and small where it is in memory."""
_TEMPLATE = "faults_template"


class Server:
    """The server; `url` values are as superuser, which sees through row-level security."""

    def __init__(self, embedded: EmbeddedPostgres) -> None:
        self._embedded = embedded
        self._numbers = count(1)

    @property
    def socket(self) -> Path:
        """The socket that it listens on."""
        return socket_folder(self._embedded.folder) / ".s.PGSQL.5432"

    async def prepare(self) -> None:
        """Start it and migrate the database that all others are copied from."""
        await asyncio.to_thread(self._embedded.join, _TEMPLATE)
        await migrate.upgrade(self._embedded.url(_TEMPLATE))

    @contextlib.asynccontextmanager
    async def database(self) -> AsyncGenerator[str]:
        """Yield the URL of a migrated database, dropped afterwards."""
        name = f"faults_{next(self._numbers)}"
        await self._manage(f"create database {name} template {_TEMPLATE}")
        try:
            yield self._embedded.url(name)
        finally:
            await self._manage(f"drop database if exists {name} with (force)")

    async def restart(self) -> None:
        """Stop it, which ends its sessions, and start it."""
        await self._stop("fast")
        # Not `pg_ctl restart`: the new server would hold the pipe that its output is read from, for ever.
        await self.start()

    async def crash(self) -> None:
        """Stop it without a word to anybody and without a checkpoint; the next start recovers from its log."""
        await self._stop("immediate")

    async def start(self) -> None:
        """Start it, unless it runs."""
        await asyncio.to_thread(self._embedded._ensure_running)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    @property
    def account(self) -> int:
        """The id of the user that it runs as."""
        return self._embedded.folder.stat().st_uid

    @property
    def runs(self) -> bool:
        """Whether there is a server process, ready or not."""
        return self._embedded._status() is not None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    async def _stop(self, mode: str) -> None:
        await asyncio.to_thread(self._embedded._control, "stop", "-m", mode)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

    async def _manage(self, statement: str) -> None:
        async with connected(self._embedded.url("postgres")) as connection:
            await connection.execute(statement)


@contextlib.contextmanager
def embedded(place: Path = FOLDER) -> Generator[EmbeddedPostgres]:
    """Yield a server in a folder of its own; it is stopped, and the folder removed, at the end."""
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place, prefix="server-", ignore_cleanup_errors=True) as folder:
        found = EmbeddedPostgres(Path(folder))
        try:
            yield found
        finally:
            found.leave()


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncGenerator[Any]:
    """Yield a connection of asyncpg, with no limit but its end."""
    connection = await asyncpg.connect(url.replace("postgresql+asyncpg://", "postgresql://", 1), timeout=20)
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=5)
        except TimeoutError:  # the machine is busy, and what was asked has been answered
            connection.terminate()
