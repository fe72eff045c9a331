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


async def fetch(db: Transaction, statement: str, *values: object) -> list[asyncpg.Record]:
    """Run a statement in the session's transaction and return its rows."""
    return await (await driver(db)).fetch(statement, *values, timeout=_seconds(db))


async def fetch_one(db: Transaction, statement: str, *values: object) -> asyncpg.Record | None:
    """Run a statement in the session's transaction and return its first row, or None."""
    return await (await driver(db)).fetchrow(statement, *values, timeout=_seconds(db))


async def allow_seconds(db: AsyncSession, seconds: int) -> None:
    """Let each statement of this transaction that runs here take so long: for whole directories, never for a request.

    Both limits: the server's, and the one after which the driver gives up waiting.
    """
    await fetch(db, "select set_config('statement_timeout', $1, true)", f"{seconds}s")
    db.info["seconds"] = float(seconds)


def _seconds(db: Transaction) -> float | None:
    return None if isinstance(db, DriverTransaction) else db.info.get("seconds")
