"""Held connections with prepared statements: what asyncpg costs when nothing stands before it."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
    Statement = PreparedStatement[asyncpg.Record]
else:  # generic in their stubs only
    Connection, Statement = asyncpg.Connection, PreparedStatement


async def connect(url: str) -> Connection:
    """Return one connection; `url` is a plain PostgreSQL URL (libpq's spelling)."""
    # Without JIT: it may decide to compile a statement that takes a tenth of a millisecond. One plan for all values:
    # planning the larger statements anew costs more than running them.
    settings = {"jit": "off", "plan_cache_mode": "force_generic_plan", "timezone": "UTC"}
    return await asyncpg.connect(url, server_settings=settings)


async def prepared(url: str, statement: str, lanes: int) -> list[Statement]:
    """Return the statement prepared on `lanes` connections of its own."""
    return [await (await connect(url)).prepare(statement) for _ in range(lanes)]


class Lanes:
    """One statement on a few held connections; a request that finds none free waits in line."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._free = list(statements)
        self._line: deque[asyncio.Future[Statement]] = deque()

    async def fetch(self, *values: Any) -> list[asyncpg.Record]:  # noqa: ANN401 -- whatever the statement takes
        """Run the statement in its own transaction (autocommit: durable when it returns)."""
        statement = self._free.pop() if self._free else await self._wait()
        try:
            return await statement.fetch(*values)
        finally:
            self._hand_on(statement)

    async def _wait(self) -> Statement:
        future: asyncio.Future[Statement] = asyncio.get_running_loop().create_future()
        self._line.append(future)
        return await future

    def _hand_on(self, statement: Statement) -> None:
        while self._line:
            future = self._line.popleft()
            if not future.done():
                future.set_result(statement)
                return
        self._free.append(statement)
