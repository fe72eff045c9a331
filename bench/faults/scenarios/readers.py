"""X-26: somebody reads for ten minutes in one transaction, so that nothing dead is cleared away, under load."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Mapping

from bench.faults import inbox, mirror
from bench.faults.asking import Load, asked, mixed
from bench.faults.findings import Findings, percentile
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Stream
from bench.faults.server import connected
from bench.faults.stage import Stage, a_stage

_EVENTS_PER_S = 100
_RATE = 5.0
_BURST = 2000
_SLOWER = 1.5
_REREAD = 3.0
_DEAD = "select coalesce(sum(n_dead_tup), 0)::bigint from pg_stat_user_tables where relname = any($1::text[])"
_TABLES = ["webhook_events", "object_versions", "directory_users", "users", "sessions"]
# Entries of the queue's indexes that were read, those of dead rows included.
_READ = (
    "select sum(idx_tup_read)::bigint from pg_stat_user_indexes"
    " where indexrelname in ('ix_webhook_events_due', 'ix_webhook_events_stream')"
)
_SPAN = (
    "select 1000 * extract(epoch from max(done_at) - min(done_at))::float8 as ms from webhook_events"
    " where event_id = any($1::text[])"
)


async def _long_reader(run: Run) -> Findings:
    found, seconds = Findings(), run.sized(600)
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        # The visitor first: whoever signs in is spared by what happens from then on.
        async with mixed(stage, per_second=_RATE) as loads:
            sent, before = await _speed(stage)
            async with _reading(stage):
                made = await _loaded(stage, found, loads, seconds)
                more, during = await _speed(stage)
        found.note("events under the reader", len(made))
        found.note("ms per event before", before)
        found.note("ms per event under the reader", during)
        found.note("as many times as long", during / before, at_most=_SLOWER)
        await inbox.check(stage, found, [*sent, *made, *more])
        await mirror.check(stage, found)
    return found


async def _loaded(stage: Stage, found: Findings, loads: Mapping[str, Load], seconds: float) -> list[str]:
    """Have events come and questions asked for so long; return the events, in their order."""
    stream, began = Stream(stage.model.step), time.monotonic()
    async with asked(loads.values()), asyncio.TaskGroup() as tasks:
        sending = tasks.create_task(stage.sender().send(stream, rate=_EVENTS_PER_S))
        await asyncio.sleep(0.9 * seconds)
        last, read = len(stream.made), await stage.count(_READ)
        await asyncio.sleep(0.1 * seconds)
        stream.stop()
    lag, made = await inbox.settled(stage), [each.event_id for each in stream.made]
    _note(found, loads, began, seconds)
    await _note_queue(stage, found, made, last, read)
    found.note("deliveries answered 500", (await sending).statuses[500], at_most=0)
    found.note("dead row versions that nobody may clear away", await stage.count(_DEAD, _TABLES))
    found.note("inbox is empty after the load, s", lag, at_most=5)
    return made


async def _speed(stage: Stage) -> tuple[list[str], float]:
    """Have a burst wait for a worker, and the worker started; return its events, and the ms that each took."""
    await stage.worker.end()
    deliveries = stage.model.steps(_BURST)
    await stage.sender().send(deliveries)
    stage.worker.start()
    await inbox.settled(stage)
    made = [each.event_id for each in deliveries]
    return made, float((await stage.sql(_SPAN, made))[0]["ms"]) / len(made)


@contextlib.asynccontextmanager
async def _reading(stage: Stage) -> AsyncGenerator[None]:
    """Hold a snapshot of the whole database, as a report or a dump does."""
    async with connected(stage.database) as connection, connection.transaction(isolation="repeatable_read"):
        await connection.fetchval("select count(*) from webhook_events")
        yield


def _note(found: Findings, loads: Mapping[str, Load], began: float, seconds: float) -> None:
    for name, load in loads.items():
        found.must_be_zero(f"{name}: not answered", load.others(200, 302))
        found.note(f"{name}: first tenth, p99, ms", 1000 * load.part(0.99, until=began + seconds / 10))
        found.note(f"{name}: last tenth, p99, ms", 1000 * load.part(0.99, began + 0.9 * seconds), at_most=1000)


async def _note_queue(stage: Stage, found: Findings, made: list[str], last: int, read: int) -> None:
    """Note how long events waited, the first tenth of them and the last, and what was read to find the last ones."""
    for name, some in (("first", made[: len(made) // 10]), ("last", made[last:])):
        lags = await inbox.lags(stage, some)
        found.note(f"event applied after, {name} tenth, p50, ms", percentile(lags, 0.5))
        found.note(f"event applied after, {name} tenth, p99, ms", percentile(lags, 0.99), at_most=1000)
    looked = (await stage.count(_READ) - read) / (len(made) - last)
    found.note("index entries read per event, last tenth", looked)
    # Each look from the beginning reads all of them: 100 % and more where every event has a look of its own.
    found.note("the same, % of the events under the reader", 100 * looked / len(made), at_most=_REREAD)


SCENARIOS = (Scenario("X-26", "a long reader, so that nothing dead is cleared away", _long_reader, seconds=1200),)
