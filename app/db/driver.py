"""Driver-level statements inside a session's transaction, for the hot paths.

SQLAlchemy Core costs about 290 µs of CPU per small statement, asyncpg's prepared statements about 50 µs
(speed.md). A sign-in runs half a dozen of them. Repositories may use this behind their usual methods; the
transaction, and with it the tenant, is the session's own.
"""

from collections.abc import Sequence
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
_MANY_SECONDS = 120.0
# Plans are kept as ever: by `force_custom_plan` a foreign key's check is planned anew for each row, and a first sync
# takes twice as long.
_MANY = """
select set_config('statement_timeout', $1, true), set_config('enable_nestloop', 'off', true),
       set_config('enable_mergejoin', 'off', true), set_config('work_mem', '64MB', true),
       set_config('jit', 'off', true)
"""


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
    connection = await driver(db)
    with _GivenUp(connection):
        return await connection.fetch(statement, *values, timeout=_seconds(db))


async def fetch_one(db: Transaction, statement: str, *values: object) -> asyncpg.Record | None:
    """Run a statement in the session's transaction and return its first row, or None."""
    connection = await driver(db)
    with _GivenUp(connection):
        return await connection.fetchrow(statement, *values, timeout=_seconds(db))


async def execute_many(db: Transaction, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Run a statement once for each of these rows of values, all sent at once."""
    connection = await driver(db)
    with _GivenUp(connection):
        await connection.executemany(statement, rows, timeout=_seconds(db))


class _GivenUp:
    """Ends a connection whose server did not answer in time.

    asyncpg would cancel the statement first, and the rollback would wait for a server that is away to confirm it.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: DriverConnection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is TimeoutError:
            self._connection.terminate()


async def expect_many(db: AsyncSession) -> None:
    """Prepare this transaction for statements over whole directories, never for a request's few rows.

    They may take two minutes each: by the server's limit, and by the driver's, after which it gives up waiting. And
    they are planned set against set, by hash joins: rows that this transaction has written are unknown to the planner,
    which then takes a hundred thousand for a handful and compares all with all; by a merge join still all of a group.
    """
    await fetch(db, _MANY, f"{_MANY_SECONDS:.0f}s")
    db.info["seconds"] = _MANY_SECONDS


def _seconds(db: Transaction) -> float | None:
    return None if isinstance(db, DriverTransaction) else db.info.get("seconds")
