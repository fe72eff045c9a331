"""A database as its owner sees it: for looking, and for what the gateway itself may not do."""

import contextlib
import tempfile
from collections.abc import AsyncGenerator, Generator, Sequence
from pathlib import Path

import asyncpg

from app.db.embedded import EmbeddedPostgres
from app.db.engine import DriverConnection, connect_arguments


@contextlib.contextmanager
def embedded_server() -> Generator[EmbeddedPostgres]:
    """Yield an embedded server in a folder of its own, not started yet.

    Not under pytest's folder: a second run of the tests tightens that one's mode, and the server is another user.
    """
    with tempfile.TemporaryDirectory(prefix="gw-pg-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder))
        try:
            yield server
        finally:
            server.leave()


@contextlib.asynccontextmanager
async def connected(url: str) -> AsyncGenerator[DriverConnection]:
    """Yield a connection as the URL's user, a superuser in the tests."""
    connection: DriverConnection = await asyncpg.connect(**connect_arguments(url))
    try:
        yield connection
    finally:
        await connection.close()


async def rows(url: str, statement: str, *values: object) -> Sequence[asyncpg.Record]:
    """Return what a statement finds, as the URL's user."""
    async with connected(url) as connection:
        return await connection.fetch(statement, *values)
