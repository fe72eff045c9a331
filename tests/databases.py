"""A database as its owner sees it: for looking, and for what the gateway itself may not do."""

import contextlib
from collections.abc import AsyncGenerator, Sequence

import asyncpg

from app.db.engine import DriverConnection, connect_arguments


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
