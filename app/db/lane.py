"""Lane: a few held driver-level connections for the hottest statements.

SQLAlchemy Core costs about 290 µs of CPU per small statement, a prepared statement on a held
connection about 50 µs. `fetch` is for statements that need no tenant (the SECURITY DEFINER look-ups): there a
tenant table shows nothing, but to a function that sets the tenant for itself. `transaction` sets the tenant for its
own length.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, cast
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolAcquireContext

from app.db.driver import DriverTransaction
from app.db.engine import DriverConnection, Role, connect_arguments, take_role

_ACQUIRE_SECONDS = 2.0
# Others wait behind a statement (app/queue/batch.py), and then for a new connection: with the usual six seconds they
# would hear of a network that is cut only after eight. The server gives up first wherever it can be heard.
_COMMAND_SECONDS = 4.0
_STATEMENT_TIMEOUT = "3500"
_CLOSE_SECONDS = 3.0


_LOST = (asyncpg.ReadOnlySQLTransactionError, TimeoutError)


def _begin(organization: UUID | None) -> str:
    """Return what begins a transaction of this tenant, in one round trip instead of two.

    The one value that is pasted and not bound, because only PostgreSQL's simple protocol takes two commands at once:
    made anew from a number, its text is hexadecimal digits and hyphens whatever was handed in.
    """
    if organization is None:
        return "begin"
    return f"begin; select set_config('app.org_id', '{UUID(int=organization.int)}', true)"


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
            # One plan for all values, kept: planning the look-ups anew at each call costs more than running them.
            await connection.execute("set plan_cache_mode = force_generic_plan")

        self._pool = await asyncpg.create_pool(
            min_size=0, max_size=self._size, init=prepare, reset=_keep, **_arguments(self._url)
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

    @staticmethod
    def _acquire(pool: "asyncpg.Pool[asyncpg.Record]") -> "PoolAcquireContext[asyncpg.Record]":
        # A timer costs as much as a statement; where a connection is idle there is nothing to wait for.
        return pool.acquire() if pool.get_idle_size() else pool.acquire(timeout=_ACQUIRE_SECONDS)

    async def fetch(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Run one statement in its own transaction and return its rows.

        Raises:
            TimeoutError: no connection came free within 2 seconds.
            asyncpg.PostgresError: the statement failed.
        """
        assert self._pool is not None  # noqa: S101 -- opened by the lifespan before any request
        async with self._acquire(self._pool) as held:
            connection = cast("DriverConnection", held)
            try:
                return await connection.fetch(statement, *values)
            except _LOST as lost:
                await self._leave(connection, lost)
                raise

    @asynccontextmanager
    async def transaction(self, organization: UUID | None) -> AsyncGenerator[DriverTransaction]:
        """Yield a transaction of one tenant; it commits when the block ends and rolls back when the block raises.

        Raises:
            TimeoutError: no connection came free within 2 seconds.
        """
        assert self._pool is not None  # noqa: S101 -- as above
        async with self._acquire(self._pool) as held:
            connection = cast("DriverConnection", held)
            try:
                async with _transaction(connection, organization) as begun:
                    yield begun
            except _LOST as lost:
                await self._leave(connection, lost)
                raise

    async def _leave(self, connection: DriverConnection, lost: BaseException) -> None:
        """Hand none of today's connections out again: their server is a former primary, or cannot be heard.

        The one that was not answered goes at once: asyncpg would cancel its statement first, and wait for a server
        that is away to confirm it for as long again.
        """
        assert self._pool is not None  # noqa: S101 -- as above
        if isinstance(lost, TimeoutError):
            with suppress(asyncpg.InterfaceError):  # it has gone already
                connection.terminate()
        await self._pool.expire_connections()


@asynccontextmanager
async def _transaction(connection: DriverConnection, organization: UUID | None) -> AsyncGenerator[DriverTransaction]:
    try:
        await connection.execute(_begin(organization))
        yield DriverTransaction(connection)
    except TimeoutError:
        raise  # a server that cannot be heard hears of no rollback
    except BaseException:
        await connection.execute("rollback")
        raise
    else:
        await connection.execute("commit")
    finally:
        # The pool hands connections on as they are: one that is still inside a transaction, because the
        # rollback or the commit was cut off, would take its tenant along to the next user.
        with suppress(asyncpg.InterfaceError):  # it has gone already
            if connection.is_in_transaction():
                connection.terminate()


def _arguments(url: str) -> dict[str, Any]:
    known = connect_arguments(url)
    limits = {**known["server_settings"], "statement_timeout": _STATEMENT_TIMEOUT}
    return {**known, "command_timeout": _COMMAND_SECONDS, "server_settings": limits}
