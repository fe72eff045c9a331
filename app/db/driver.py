"""Driver-level statements inside a session's transaction, for the hot paths.

SQLAlchemy Core costs about 290 µs of CPU per small statement, asyncpg's prepared statements about 50 µs
(speed.md). A sign-in runs half a dozen of them. Repositories may use this behind their usual methods; the
transaction, and with it the tenant, is the session's own.
"""

from dataclasses import dataclass
from typing import Any, cast

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import DriverConnection


@dataclass(frozen=True, slots=True)
class DriverTransaction:
    """A transaction that never meets SQLAlchemy: for the one journey whose figure asks for it, the sign-in."""

    connection: DriverConnection


Transaction = AsyncSession | DriverTransaction


async def driver(db: Transaction) -> DriverConnection:
    """Return the asyncpg connection of this transaction.

    The transaction has begun before anything runs here: SQLAlchemy begins lazily, and a statement on the raw
    connection before its first own one would not be part of any transaction (threats.md, finding 12).
    """
    if isinstance(db, DriverTransaction):
        return db.connection
    known = db.info.get("driver")
    if known is None:
        connection = await db.connection()  # begins, and sets the tenant
        if db.info.get("organization") is None:
            await connection.exec_driver_sql("select 1")
        raw = await connection.get_raw_connection()
        known = db.info["driver"] = cast("Any", raw.driver_connection)
    return cast("DriverConnection", known)


async def fetch(
    db: Transaction,
    statement: str,
    *values: object,
    timeout: float | None = None,  # noqa: ASYNC109 -- the driver's own
) -> list[asyncpg.Record]:
    """Run a statement in the session's transaction and return its rows; `timeout` in seconds, else the connection's."""
    return await (await driver(db)).fetch(statement, *values, timeout=timeout)


async def allow_seconds(db: Transaction, seconds: int) -> None:
    """Let the statements of this transaction take that long: for work over whole directories, never for a request."""
    await fetch(db, "select set_config('statement_timeout', $1, true)", f"{seconds}s")


async def fetch_one(db: Transaction, statement: str, *values: object) -> asyncpg.Record | None:
    """Run a statement in the session's transaction and return its first row, or None."""
    return await (await driver(db)).fetchrow(statement, *values)
