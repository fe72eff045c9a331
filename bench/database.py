"""The bench's PostgreSQL: DATABASE_URL's server, or an embedded one; databases of its own, made anew each time."""

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from app.db.embedded import EmbeddedPostgres
from bench.world import Row

FOLDER = Path(__file__).parents[1] / ".data" / "bench-postgres"
_REFUSED = (
    "The bench measures durable writes, and this server has {} off: switch it on, or unset DATABASE_URL so that the "
    "bench starts a server of its own."
)


class NotDurable(Exception):  # noqa: N818 -- named for what happened
    """The server would answer before a commit is safe: its figures would mean nothing."""


class Postgres:
    """A server by its libpq URL; every name of a database here begins with `memberpulse_bench_`."""

    def __init__(self, url: str, *, ours: bool) -> None:
        self.ours = ours
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        host = query["host"][0] if "host" in query else parts.hostname or "localhost"
        user = parts.username or "postgres"
        self._login = f"{user}:{parts.password}" if parts.password else user
        # A socket's folder goes into the query, where its slashes mean nothing to a URL parser.
        socket = host.startswith("/")
        self._place = "" if socket else f"{host}:{parts.port or 5432}"
        self._query = f"?host={host}" if socket else ""
        self._first = parts.path.lstrip("/") or "postgres"

    def url(self, name: str) -> str:
        """Return the URL of the bench's database `name` (floor, gateway, plain)."""
        return self._url(f"memberpulse_bench_{name}")

    def _url(self, database: str) -> str:
        return f"postgresql://{self._login}@{self._place}/{database}{self._query}"

    async def require_durable(self) -> str:
        """Return the server's version; raises NotDurable when a commit does not wait for the disk."""
        connection = await asyncpg.connect(self._url(self._first))
        try:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                if await connection.fetchval(f"show {setting}") == "off":
                    raise NotDurable(_REFUSED.format(setting))
            return str(await connection.fetchval("show server_version"))
        finally:
            await connection.close()

    async def make(self, name: str) -> str:
        """Drop the bench's database `name`, create it empty, return its URL."""
        connection = await asyncpg.connect(self._url(self._first))
        try:
            await connection.execute(f'drop database if exists "memberpulse_bench_{name}" with (force)')
            await connection.execute(f'create database "memberpulse_bench_{name}"')
        finally:
            await connection.close()
        return self.url(name)

    async def value(self, name: str, query: str) -> Any:  # noqa: ANN401 -- whatever is asked for
        """Return the one value of a query over the bench's database `name`."""
        connection = await asyncpg.connect(self.url(name))
        try:
            return await connection.fetchval(query)
        finally:
            await connection.close()

    async def clear(self, name: str, tables: Sequence[str]) -> None:
        """Empty these tables of the bench's database `name`."""
        if tables:
            await self.value(name, f"truncate {', '.join(tables)}")

    async def calm(self, name: str) -> None:
        """Write out dirty pages and plan anew before a run, so that no target pays for another's writes."""
        connection = await asyncpg.connect(self.url(name))
        try:
            await connection.execute("vacuum analyze")
            await connection.execute("checkpoint")
        except asyncpg.InsufficientPrivilegeError:
            pass  # somebody else's server: its own checkpointer decides
        finally:
            await connection.close()


async def fill(url: str, tables: Sequence[tuple[str, tuple[str, ...], list[Row]]]) -> None:
    """Copy the rows into the tables, in this order."""
    connection = await asyncpg.connect(url)
    try:
        for table, columns, rows in tables:
            await connection.copy_records_to_table(table, columns=columns, records=rows)
    finally:
        await connection.close()


@contextmanager
def postgres() -> Generator[Postgres]:
    """Yield the server, durable; an embedded one is left as it was found: the last to leave stops it."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield Postgres(given, ours=False)
        return
    embedded = EmbeddedPostgres(FOLDER)
    try:
        yield Postgres(embedded.join("postgres"), ours=True)
    finally:
        embedded.leave()
