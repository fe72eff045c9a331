"""The network to PostgreSQL is cut: those who wait are told in time, and all is well once it is back (threats X-05)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.driver import fetch
from app.db.engine import is_unavailable, open_engine
from app.db.lane import Lane
from app.db.session import session_factory
from app.queue.batch import together
from tests.network import Network, a_network

LIMIT_S = 6.0
"""What the threat model grants a request (X-05): the driver's own limit."""
SLACK_S = 0.7
CONNECTIONS = 4


@dataclass(slots=True)
class Wire:
    """A network to the database, and the database's URL over it."""

    network: Network
    url: str


@pytest.fixture
async def wire(database: str) -> AsyncIterator[Wire]:
    async with a_network(database) as (network, url):
        yield Wire(network, url)


async def ask(lane: Lane, keys: Sequence[int]) -> Mapping[int, int]:
    """Answer each key with itself, by one statement."""
    return {row["key"]: row["key"] for row in await lane.fetch("select unnest($1::int[]) as key", list(keys))}


async def in_a_transaction(lane: Lane) -> None:
    async with lane.transaction(None) as held:
        await fetch(held, "select 1")


async def test_who_waits_behind_a_lost_statement_is_told_within_the_limit(wire: Wire) -> None:
    loop = asyncio.get_running_loop()
    lane = Lane(wire.url, "gw_app", size=CONNECTIONS)
    await lane.open()
    try:
        await asyncio.gather(*(lane.fetch("select pg_sleep(0.2)") for _ in range(CONNECTIONS)))
        wire.network.cut = True
        told: list[float] = []

        async def submit(key: int) -> None:
            await asyncio.sleep(key * 0.1)
            asked = loop.time()
            # The first find an open connection; who comes later waits for them, and then to be connected anew.
            with pytest.raises(TimeoutError):
                await together(lane, ask, key) if key % 3 else await in_a_transaction(lane)
            told.append(loop.time() - asked)

        await asyncio.gather(*(submit(key) for key in range(12)))
        assert max(told) <= LIMIT_S + SLACK_S, told
        wire.network.cut = False
        back = loop.time()
        assert await together(lane, ask, 1) == 1, "no connection of before is handed out again"
        assert loop.time() - back < 2
    finally:
        await lane.close()


async def by_driver(db: AsyncSession) -> None:
    await fetch(db, "select 1")


async def by_session(db: AsyncSession) -> None:
    await db.execute(text("select 1"))


@pytest.mark.parametrize("statement", [by_driver, by_session])
async def test_a_pool_is_left_in_time_and_works_again(
    wire: Wire, statement: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    loop = asyncio.get_running_loop()
    engine = open_engine(wire.url, "gw_app", size=2)
    sessions = session_factory(engine)

    async def unit(*, at_work: asyncio.Event | None = None) -> float:
        asked = loop.time()
        try:
            async with sessions() as db, db.begin():
                await statement(db)
                if at_work is not None:
                    at_work.set()
                    await asyncio.sleep(0.2)
                    asked = loop.time()
                    await statement(db)
        except Exception as error:
            if not is_unavailable(error):
                raise
            return loop.time() - asked
        return 0.0

    try:
        begun = asyncio.Event()
        assert await asyncio.gather(unit(), unit()) == [0, 0]
        at_work = asyncio.create_task(unit(at_work=begun))
        await begun.wait()
        wire.network.cut = True
        # One is in the middle of its work; the other is handed a connection that was good a moment ago.
        told = await asyncio.gather(at_work, unit())
        assert all(0 < seconds <= LIMIT_S + SLACK_S for seconds in told), told
        wire.network.cut = False
        back = loop.time()
        assert await asyncio.gather(unit(), unit()) == [0, 0]
        assert loop.time() - back < 2
    finally:
        await engine.dispose()
