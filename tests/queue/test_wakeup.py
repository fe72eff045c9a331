"""Wakeup against the real database: heard at once when committed, never when rolled back, whatever happens to it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator

import asyncpg
import pytest

from app.db.engine import DriverConnection, connect_arguments, connector
from app.queue.runner import run_steps
from app.queue.wakeup import INBOX, SYNCS, Wakeup
from tests.logs import logged

HEARD_S = 0.2
LISTENERS = "select pid from pg_stat_activity where query ilike 'listen%' and datname = current_database()"


@pytest.fixture
async def sender(database: str) -> AsyncGenerator[DriverConnection]:
    connection: DriverConnection = await asyncpg.connect(**connect_arguments(database))
    yield connection
    await connection.close()


@pytest.fixture
async def wakeup(database: str, sender: DriverConnection) -> AsyncGenerator[Wakeup]:
    found = Wakeup(connector(database, "gw_worker"), [INBOX, SYNCS])
    bell = found.bell(INBOX).next
    async with found.listening():
        async with asyncio.timeout(5):
            await bell.wait()  # rung once it listens
        yield found
    assert not await _listeners(sender)


async def _listeners(sender: DriverConnection) -> list[int]:
    """Return the server processes that listen; one that has just been left may take a moment to notice."""
    found: list[int] = []
    for _ in range(20):
        found = [int(row["pid"]) for row in await sender.fetch(LISTENERS)]
        if not found:
            break
        await asyncio.sleep(0.02)
    return found


async def test_everybody_is_woken_by_what_another_transaction_commits(wakeup: Wakeup, sender: DriverConnection) -> None:
    woken, other = wakeup.bell(INBOX).next, wakeup.bell(SYNCS).next
    waiting = [asyncio.create_task(woken.wait()) for _ in range(20)]
    async with sender.transaction():
        await sender.execute("select pg_notify('inbox', '')")
        await asyncio.sleep(0.1)
        assert not woken.is_set(), "not committed yet"
    async with asyncio.timeout(HEARD_S):
        await asyncio.gather(*waiting)
    assert not other.is_set()
    await sender.execute("select pg_notify('syncs', '')")
    async with asyncio.timeout(HEARD_S):
        await other.wait()
    assert not wakeup.bell(INBOX).next.is_set(), "each ring wakes once"


async def test_nobody_is_woken_by_what_is_rolled_back(wakeup: Wakeup, sender: DriverConnection) -> None:
    woken = wakeup.bell(INBOX).next
    with contextlib.suppress(ZeroDivisionError):
        async with sender.transaction():
            await sender.execute("select pg_notify('inbox', '')")
            raise ZeroDivisionError
    await asyncio.sleep(HEARD_S)
    assert not woken.is_set()


async def test_a_connection_that_is_ended_is_replaced_and_everybody_looks_once(
    wakeup: Wakeup, sender: DriverConnection
) -> None:
    with logged() as log:
        for _ in range(3):
            inbox, syncs = wakeup.bell(INBOX).next, wakeup.bell(SYNCS).next
            (listener,) = await sender.fetch(LISTENERS)
            await sender.execute("select pg_terminate_backend($1)", listener["pid"])
            async with asyncio.timeout(2):
                await asyncio.gather(inbox.wait(), syncs.wait())
            woken = wakeup.bell(INBOX).next
            await sender.execute("select pg_notify('inbox', '')")
            async with asyncio.timeout(HEARD_S):
                await woken.wait()
    assert len(log.of("queue.wakeup.lost")) == 3, "one line for each time"


async def test_a_database_that_is_away_is_told_once_and_kills_nobody(database: str) -> None:
    tries = 0
    connect = connector(database, "gw_worker")

    async def refuse_at_first() -> DriverConnection:
        nonlocal tries
        tries += 1
        if tries <= 3:
            raise ConnectionRefusedError("nobody there")
        return await connect()

    wakeup = Wakeup(refuse_at_first, [INBOX])
    bell = wakeup.bell(INBOX).next
    with logged() as log:
        async with wakeup.listening():
            async with asyncio.timeout(5):
                await bell.wait()
    assert tries == 4
    assert len(log.of("queue.wakeup.lost")) == 1


async def test_a_step_is_taken_at_once_and_stop_ends_the_wait_at_once(wakeup: Wakeup, sender: DriverConnection) -> None:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    looks: list[float] = []
    looked = asyncio.Event()

    async def step() -> bool:
        looks.append(loop.time())
        looked.set()
        return False

    runs = [asyncio.create_task(run_steps(step, stop, idle=60, bell=wakeup.bell(INBOX))) for _ in range(4)]
    await asyncio.sleep(0.05)
    assert len(looks) == 4
    began = loop.time()
    await sender.execute("select pg_notify('inbox', '')")
    await asyncio.sleep(HEARD_S)
    assert len(looks) == 8
    assert looks[-1] - began < HEARD_S
    stop.set()
    async with asyncio.timeout(0.1):
        await asyncio.gather(*runs)


async def test_a_ring_during_a_look_is_not_missed(wakeup: Wakeup) -> None:
    stop, looks = asyncio.Event(), 0

    async def step() -> bool:
        nonlocal looks
        looks += 1
        if looks == 1:
            wakeup.bell(INBOX).ring()  # committed after this look's snapshot
        return False

    run = asyncio.create_task(run_steps(step, stop, idle=60, bell=wakeup.bell(INBOX)))
    await asyncio.sleep(0.1)
    assert looks == 2
    stop.set()
    await run


async def test_a_failing_step_is_not_hurried_by_rings(wakeup: Wakeup) -> None:
    stop, looks = asyncio.Event(), 0

    async def step() -> bool:
        nonlocal looks
        looks += 1
        wakeup.bell(INBOX).ring()
        raise ConnectionRefusedError

    run = asyncio.create_task(run_steps(step, stop, idle=60, bell=wakeup.bell(INBOX)))
    await asyncio.sleep(0.3)
    assert looks == 1
    stop.set()
    async with asyncio.timeout(0.1):
        await run
