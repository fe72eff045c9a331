"""X-19: a column is replaced by another one, expand then contract, under load, while an old and a new release serve."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.faults import inbox, mirror
from bench.faults.asking import Load, a_client, asked, bearer_of, mixed
from bench.faults.findings import Findings
from bench.faults.processes import Program
from bench.faults.releases import Step, a_release
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Stream
from bench.faults.server import connected
from bench.faults.stage import Stage, a_stage, free_port
from bench.faults.visitor import Visitor, planted

_PER_S = 10.0  # five questions each: 50 a second of each process
_EVENTS_PER_S = 20
_READS_S = (2.5, 4.0)
_LOOK_S = 0.02
_LOCK_S = 0.5
"""What a migration waits for a lock, and those behind it with it (migrations/script.py.mako)."""
_SLACK_S = 0.1
_OLD, _NEW = "label", "caption"
_BEFORE = Step("faults_before", (f"alter table connections add column {_OLD} text",))
_EXPAND = (
    # What people sign in by, and then what events are written to: two releases' worth of steps in one rollout.
    Step(
        "faults_expand",
        ("alter table connections add column caption text", "update connections set caption = label"),
    ),
    Step("faults_expand_too", ("alter table webhook_events add column faults_note text",)),
)
_CONTRACT = Step("faults_contract", (f"alter table connections drop column {_OLD}",))
_WAITING = (
    "select coalesce(max(extract(epoch from clock_timestamp() - l.waitstart)), 0)::float8 as s from pg_locks l"
    " join pg_stat_activity a on a.pid = l.pid where not l.granted and a.application_name = 'memberpulse-auth'"
    " and a.datname = current_database() and l.locktype = 'relation'"
)
# A migration that waits for a table.
_BEHIND = (
    "select count(*) from pg_locks l join pg_stat_activity a on a.pid = l.pid where not l.granted"
    " and a.application_name = 'memberpulse-migrate' and l.relation = to_regclass($1::text)"
)
_PATIENCE_S = 60


@dataclass(slots=True)
class _Seen:
    """How long migrations took, and how long requests waited for a lock, at each look."""

    migrations: list[float] = field(default_factory=list[float])
    waits: list[float] = field(default_factory=list[float])


async def _while_serving(run: Run) -> Findings:
    found, seen = Findings(), _Seen()
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        old = a_release(stage.folder / "old", column=_OLD, steps=[_BEFORE])
        new = a_release(stage.folder / "new", column=_NEW, steps=[_BEFORE, *_EXPAND])
        last = a_release(stage.folder / "last", column=_NEW, steps=[_BEFORE, *_EXPAND, _CONTRACT])
        await _migrated(stage.program("migrate", root=old))
        await _replaced(stage, stage.program("serve", root=old), stage.program("worker", root=old))
        stream, port = Stream(stage.model.step), free_port()
        beside = stage.program("serve", root=new, PORT=str(port))
        try:
            async with (
                _loaded(stage, stage.port) as first,
                _loaded(stage, port) as second,
                asyncio.TaskGroup() as tasks,
            ):
                sending = tasks.create_task(stage.sender().send(stream, rate=_EVENTS_PER_S))
                async with asked(first.values()):
                    await _step(stage, seen, stage.program("migrate", root=new), ("connections", "webhook_events"))
                    beside.start()
                    await stage.ready(port)
                    async with asked(second.values()):
                        await _both(stage, new, run.sized(10))
                # The old release is no more; deliveries go on at the address that it had.
                async with asked(second.values()):
                    await _replaced(stage, stage.program("serve", root=new), stage.worker)
                    await _step(stage, seen, stage.program("migrate", root=last), ("connections",))
                    await asyncio.sleep(run.sized(10))
                stream.stop()
            _note(found, seen, {"old": first, "new": second})
            found.note("deliveries answered 5xx", _faults((await sending).statuses), at_most=0)
        finally:
            await beside.end()
        await inbox.settled(stage)
        await _final(stage, found)
        await inbox.check(stage, found, [each.event_id for each in stream.made])
        await mirror.check(stage, found)
    return found


async def _both(stage: Stage, new: Path, seconds: float) -> None:
    """Let both releases serve; the new one's worker takes over in between."""
    await asyncio.sleep(seconds)
    before, stage.worker = stage.worker, stage.program("worker", root=new)
    stage.worker.start()
    await before.end()
    await asyncio.sleep(seconds)


@contextlib.asynccontextmanager
async def _loaded(stage: Stage, port: int) -> AsyncGenerator[dict[str, Load]]:
    """Yield the usual mixture for one process, and a list that its release's own column is in."""
    visitor = Visitor(stage, planted(stage))
    assert (await visitor.sign_in()).signed_in
    async with mixed(stage, per_second=_PER_S, port=port) as loads, a_client(stage, port) as client:
        bearer = await bearer_of(visitor)
        ask = Load(lambda: client.get("/api/auth/sso/connections", headers=bearer), per_second=_PER_S)
        yield {**loads, "connections": ask}
    await visitor.close()


async def _replaced(stage: Stage, api: Program, worker: Program) -> None:
    """End both processes and start these; a worker that is the same goes on."""
    await asyncio.gather(stage.api.end(), *([stage.worker.end()] if worker is not stage.worker else []))
    stage.api, stage.worker = api, worker
    for program in (api, worker):
        if not program.running:
            program.start()
    await stage.ready()


async def _migrated(verb: Program) -> float:
    began = time.monotonic()
    verb.start()
    await verb.done()
    return time.monotonic() - began


async def _step(stage: Stage, seen: _Seen, verb: Program, read: tuple[str, ...]) -> None:
    """Migrate while somebody reads each of these tables for seconds, one after the other."""
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_watch(stage, seen, over))
        readers = [tasks.create_task(_read(stage, table)) for table in read]
        await asyncio.sleep(0.2)
        seen.migrations.append(await _migrated(verb))
        await asyncio.gather(*readers)
        over.set()


async def _read(stage: Stage, table: str) -> None:
    """Read a table in a transaction that stays open, as a report does, until a migration has waited for it in vain."""
    async with connected(stage.database) as connection, asyncio.timeout(_PATIENCE_S), connection.transaction():
        await connection.fetchval(f"select count(*) from {table}")  # noqa: S608 -- names of our own
        # Not by this connection: within a transaction pg_stat_activity stays as it was first seen.
        while not await stage.count(_BEHIND, table):
            await asyncio.sleep(_LOOK_S)
        await asyncio.sleep(stage.rng.uniform(*_READS_S))


async def _watch(stage: Stage, seen: _Seen, over: asyncio.Event) -> None:
    async with connected(stage.database) as connection:
        while not over.is_set():
            seen.waits.append(float(await connection.fetchval(_WAITING)))
            await asyncio.sleep(_LOOK_S)


def _faults(statuses: Mapping[int, int]) -> int:
    return sum(number for status, number in statuses.items() if status >= 500)


def _note(found: Findings, seen: _Seen, releases: Mapping[str, Mapping[str, Load]]) -> None:
    for name, loads in releases.items():
        found.note(f"{name} release: questions", sum(len(load.answers) for load in loads.values()))
        bad = [f"{what}: {word}" for what, load in loads.items() for word in load.others(200, 302)]
        found.must_be_zero(f"{name} release: not answered", bad)
        found.note(f"{name} release: slowest answer, s", max(load.slowest() for load in loads.values()))
    found.note("migrations took, longest, s", max(seen.migrations))
    found.note("a request waited for a lock, longest, ms", 1000 * max(seen.waits), at_most=1000 * (_LOCK_S + _SLACK_S))


async def _final(stage: Stage, found: Findings) -> None:
    columns = {str(row["column_name"]) for row in await stage.sql(
        "select column_name from information_schema.columns where table_name = 'connections'")}  # fmt: skip
    found.note("columns not as the last release has them", (_OLD in columns) + (_NEW not in columns), at_most=0)
    (at,) = await stage.sql("select version_num from alembic_version")
    found.note("revision another than the last", at["version_num"] != _CONTRACT.revision, at_most=0)


SCENARIOS = (Scenario("X-19", "expand and contract while an old and a new release serve", _while_serving, seconds=600),)
