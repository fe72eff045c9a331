"""X-16, X-17: no space left where the inbox is, where the mirror is, where all of PostgreSQL is; and then there is."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping

import asyncpg

from bench.faults import inbox, mirror
from bench.faults.asking import Load, a_client, answered, asked, mixed
from bench.faults.disks import Disk, a_disk
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Delivery, Sender, Sent, Stream
from bench.faults.server import Server, embedded
from bench.faults.stage import Stage, a_stage
from bench.faults.wire import signature

_RATE = 100
_INBOX = ("webhook_events",)
_MIRROR = ("directory_users", "directory_groups", "directory_memberships")
_WAITING = (
    "select count(*) filter (where last_error is not null) as full, coalesce(max(attempts), 0) as tries"
    " from webhook_events where status = 'pending'"
)
_INDEXES = "select indexname as name from pg_indexes where schemaname = 'public' and tablename = $1"


async def _data(run: Run) -> Findings:
    found, seconds = Findings(), run.sized(15)
    with a_disk(48) as disk, embedded() as own:
        await Server(own).prepare()
        async with a_stage(Server(own), run.seed) as stage:
            await inbox.settled(stage)
            sent = await _inbox_full(stage, disk, found, seconds)
            sent += await _mirror_full(stage, disk, found, seconds)
            await inbox.check(stage, found, sent)
            await mirror.check(stage, found)
    return found


async def _inbox_full(stage: Stage, disk: Disk, found: Findings, seconds: float) -> list[str]:
    """Fill the disk that the inbox is on; return the ids of the events that happened."""
    await _move(stage, disk, _INBOX)
    processes = (stage.api.pid, stage.worker.pid)
    async with mixed(stage, per_second=10) as loads, asyncio.TaskGroup() as tasks:
        sender, stream = stage.sender(), Stream(stage.model.step)
        sending = tasks.create_task(sender.send(stream, rate=_RATE))
        disk.fill(leaving=2)
        await _until(lambda: sender.sent.statuses[503] > 0, "the inbox's disk did not fill")
        began = time.monotonic()
        async with asked(loads.values()):
            await asyncio.sleep(seconds)
            refused = await _refused_in_words(stage, found)
        back = time.monotonic()
        disk.clear()
        await _until(lambda: sender.sent.gap_after(back) < float("inf"), "nothing was taken after space was back")
        stream.stop()
        await stage.sender().send(refused)
    await inbox.settled(stage)
    found.note("inbox's disk full, s", back - began)
    _deliveries(found, await sending)
    found.note("deliveries are taken again after, ms", 1000 * sender.sent.gap_after(back), at_most=3000)
    _elsewhere(found, loads)
    same = stage.api.running and stage.worker.running and processes == (stage.api.pid, stage.worker.pid)
    found.note("processes that ended", 0 if same else 1, at_most=0)
    return [each.event_id for each in (*stream.made, *refused)]


async def _refused_in_words(stage: Stage, found: Findings) -> list[Delivery]:
    """PostgreSQL says 53100, and the door says 503 and when to come again; return what is to be delivered yet."""
    refused: list[str] = []
    try:
        await stage.execute("create table faults.too_much tablespace faults_small as select repeat('x', 8000) as x,"
                            " number from generate_series(1, 4000) as number")  # fmt: skip
    except asyncpg.DiskFullError as full:
        refused.append(str(full.sqlstate))
    found.note("refused with another SQLSTATE than 53100", 0 if refused == ["53100"] else 1, at_most=0)
    deliveries: list[Delivery] = []
    while not deliveries:  # there are steps of which nobody is told
        deliveries = stage.model.step()
    delivery = deliveries[0]
    async with a_client(stage) as http:
        head = {"WorkOS-Signature": signature(delivery.body, stage.secret, time.time())}
        answer = await answered(lambda: http.post("/webhooks/workos", content=delivery.body, headers=head))
    found.note("answers without Retry-After", 0 if answer.status == 200 or answer.retry_after else 1, at_most=0)
    return deliveries


def _elsewhere(found: Findings, loads: Mapping[str, Load]) -> None:
    for name, load in loads.items():
        found.must_be_zero(f"{name}: not answered meanwhile", load.others(200, 302))


def _deliveries(found: Findings, sent: Sent) -> None:
    found.note("deliveries answered 503", sent.statuses[503])
    found.note("deliveries answered 500", sent.statuses[500], at_most=0)


async def _mirror_full(stage: Stage, disk: Disk, found: Findings, seconds: float) -> list[str]:
    """Fill the disk that people and groups are on: events are taken, and wait without being blamed for it."""
    await _move(stage, disk, _MIRROR)
    sender, stream = stage.sender(), Stream(stage.model.step)
    async with asyncio.TaskGroup() as tasks:
        disk.fill(leaving=0)
        sending = tasks.create_task(sender.send(stream, rate=_RATE))
        await asyncio.sleep(seconds)
        stream.stop()
    answers = (await sending).statuses
    (waiting,) = await stage.sql(_WAITING)
    found.note("mirror's disk full: events put off for it", waiting["full"])
    found.note("mirror's disk full: deliveries not answered 200", answers.total() - answers[200], at_most=0)
    found.note("mirror's disk full: attempts counted against an event", waiting["tries"], at_most=0)
    disk.clear()
    found.note("all applied after space is back, s", await inbox.settled(stage), at_most=15)
    return [each.event_id for each in stream.made]


async def _move(stage: Stage, disk: Disk, tables: tuple[str, ...]) -> None:
    """Move tables and their indexes to the disk; what was there before goes back first."""
    space = disk.folder / "space"
    if not space.exists():
        space.mkdir(mode=0o700)
        os.chown(space, stage.server.account, -1)
        await stage.execute(f"create tablespace faults_small location '{space}'")
    else:
        await _place(stage, _INBOX, "pg_default")
    await _place(stage, tables, "faults_small")


async def _place(stage: Stage, tables: tuple[str, ...], tablespace: str) -> None:
    for table in tables:
        await stage.execute(f"alter table {table} set tablespace {tablespace}")
        for index in await stage.sql(_INDEXES, table):
            await stage.execute(f'alter index "{index["name"]}" set tablespace {tablespace}')


async def _log(run: Run) -> Findings:
    found = Findings()
    with a_disk(480) as disk, embedded(disk.folder) as own:
        await Server(own).prepare()
        async with a_stage(Server(own), run.seed) as stage:
            await inbox.settled(stage)
            await mirror.plant_sessions(stage)
            processes = (stage.api.pid, stage.worker.pid)
            async with asyncio.TaskGroup() as tasks:
                sender, stream = stage.sender(), Stream(stage.model.step)
                sending = tasks.create_task(sender.send(stream, rate=_RATE))
                await asyncio.sleep(1)
                await _write_until_it_stops(stage, disk, found)
                await asyncio.sleep(run.sized(10))
                await _space_returns(stage, disk, sender, found)
                stream.stop()
            _deliveries(found, await sending)
            same = stage.api.running and stage.worker.running and processes == (stage.api.pid, stage.worker.pid)
            found.note("processes of the gateway that ended", 0 if same else 1, at_most=0)
            await inbox.settled(stage)
            await inbox.check(stage, found, [each.event_id for each in stream.made])
            await mirror.check(stage, found, sessions=True)
    return found


async def _write_until_it_stops(stage: Stage, disk: Disk, found: Findings) -> None:
    """Leave less than a segment of the log, and have it written to the end."""
    disk.fill(leaving=4)
    began = time.monotonic()
    for _ in range(40):
        try:
            await stage.execute("select pg_switch_wal()")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            break
        await asyncio.sleep(0.2)
    await asyncio.sleep(2)
    found.note("PostgreSQL stopped (1: yes)", 0 if stage.server.runs else 1)
    found.note("until it did not answer, s", time.monotonic() - began)


async def _space_returns(stage: Stage, disk: Disk, sender: Sender, found: Findings) -> None:
    """Give the space back, and start the server, as an operator would, if it has gone."""
    disk.clear()
    back = time.monotonic()
    await stage.server.start()
    found.note("PostgreSQL is back after, s", time.monotonic() - back)
    ready = time.monotonic()
    await _until(lambda: sender.sent.gap_after(ready) < float("inf"), "nothing was taken after the server was back")
    found.note("deliveries are taken again, after that, ms", 1000 * sender.sent.gap_after(ready), at_most=5000)


async def _until(seen: Callable[[], bool], otherwise: str) -> None:
    """Wait until something shows. Raises TimeoutError with these words."""
    for _ in range(1200):
        if seen():
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(otherwise)


SCENARIOS = (
    Scenario("X-16", "no space left for data", _data),
    Scenario("X-17", "no space left for anything", _log),
)
