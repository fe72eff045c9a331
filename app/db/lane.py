"""Lane: a few held driver-level connections for the hottest statements.

SQLAlchemy Core costs about 290 µs of CPU per small statement, a prepared statement on a held
connection about 50 µs. `fetch` is for statements that need no tenant (the SECURITY DEFINER look-ups): there a
tenant table shows nothing. `transaction` sets the tenant for its own length.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

import asyncpg

from app.db.driver import DriverTransaction
from app.db.engine import DriverConnection, Role, connect_arguments, take_role

_CLOSE_SECONDS = 3.0
_SET_TENANT = "select set_config('app.org_id', $1, true)"


async def _keep(_connection: object) -> None:
    """Skip the pool's RESET round trip: a lane's statements leave no session state behind."""


class Lane:
    """A small pool of prepared connections; each call is one statement and one commit."""

    def __init__(self, url: str, role: Role, *, size: int = 12) -> None:
        self._url = url
        self._role: Role = role
        self._size = size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self.batches: dict[object, Any] = {}  # kept here by app/queue/batch.py: they live as long as the lane

    async def open(self) -> None:
        """Open the connections."""

        async def prepare(connection: Any) -> None:  # noqa: ANN401 -- asyncpg hands a proxy
            await take_role(connection, self._role)

        self._pool = await asyncpg.create_pool(
            min_size=0, max_size=self._size, init=prepare, reset=_keep, **connect_arguments(self._url)
        )

    async def close(self) -> None:
        """Close the connections; what is still in use after a while is dropped."""
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Run one statement in its own transaction and return its rows.

        Raises:
            TimeoutError: no connection came free within 2 seconds.
            asyncpg.PostgresError: the statement failed.
        """
        assert self._pool is not None  # noqa: S101 -- opened by the lifespan before any request
        async with self._pool.acquire(timeout=2) as connection:
            try:
                return await connection.fetch(statement, *values)
            except asyncpg.ReadOnlySQLTransactionError:
                await self._pool.expire_connections()  # a former primary: look for the new one
                raise

    @asynccontextmanager
    async def transaction(self, organization: UUID | None) -> AsyncGenerator[DriverTransaction]:
        """Yield a transaction of one tenant; it commits when the block ends and rolls back when the block raises.

        Raises:
            TimeoutError: no connection came free within 2 seconds.
        """
        assert self._pool is not None  # noqa: S101 -- as above
        async with self._pool.acquire(timeout=2) as held:
            connection = cast("DriverConnection", held)
            try:
                await connection.execute("begin")
                if organization is not None:
                    await connection.fetch(_SET_TENANT, str(organization))
                yield DriverTransaction(connection)
            except BaseException as error:
                await connection.execute("rollback")
                if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
                    await self._pool.expire_connections()  # as above
                raise
            else:
                await connection.execute("commit")
            finally:
                # The pool hands connections on as they are: one that is still inside a transaction, because the
                # rollback or the commit was cut off, would take its tenant along to the next user.
                if connection.is_in_transaction():
                    connection.terminate()
