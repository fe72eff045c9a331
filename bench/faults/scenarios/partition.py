"""X-05: the network to PostgreSQL is cut for half a minute, forgets its connections, becomes slow."""

import asyncio
import time
from collections.abc import Mapping

from bench.faults import inbox, mirror
from bench.faults.asking import Load, asked, mixed, tally
from bench.faults.findings import Findings
from bench.faults.proxy import Mode
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Stream
from bench.faults.stage import Set, Stage, a_stage

_CUTS: tuple[Mode, ...] = ("hold", "blackhole")
_WORDS = {"hold": "cut", "blackhole": "forgotten"}
_COMMAND_S = 6.0
"""The gateway's own `command_timeout` (app/db/engine.py)."""
_SLACK_S = 0.5
_LATENCY_S = 0.1
_SETTLING_S = 10
_PER_SECOND = 8.0
_EVENTS_PER_S = 20
# What the gateway holds that does not move: at work or inside a transaction for a second and more.
_STUCK = (
    "select state || ': ' || left(query, 80) as word from pg_stat_activity where application_name = 'memberpulse-auth'"
    " and datname = current_database() and state <> 'idle' and state_change < clock_timestamp() - interval '1 second'"
)


async def _partition(run: Run) -> Findings:
    found, seconds = Findings(), 8 if run.quick else 30
    cuts = (_CUTS[run.seed % 2],) if run.quick else _CUTS
    async with a_stage(run.server, run.seed, Set(relayed=True)) as stage:
        await inbox.settled(stage)
        processes = (stage.api.pid, stage.worker.pid)
        async with mixed(stage, per_second=_PER_SECOND) as loads, asyncio.TaskGroup() as tasks:
            stream = Stream(stage.model.step)
            sending = tasks.create_task(stage.sender().send(stream, rate=_EVENTS_PER_S))
            async with asked(loads.values()):
                await asyncio.sleep(1)
                for cut in cuts:
                    await _cut(stage, found, loads, cut, seconds)
                await _slow(stage, found, loads, 3 if run.quick else 10)
            stream.stop()
        keys = loads.pop("jwks")
        found.must_be_zero("keys not answered 200", keys.others(200))
        tally(loads, found)
        found.note("deliveries answered 500", (await sending).statuses[500], at_most=0)
        same = stage.api.running and stage.worker.running and processes == (stage.api.pid, stage.worker.pid)
        found.note("processes that ended", 0 if same else 1, at_most=0)
        await inbox.settled(stage)
        await inbox.check(stage, found, [each.event_id for each in stream.made])
        await mirror.check(stage, found)
    return found


async def _cut(stage: Stage, found: Findings, loads: Mapping[str, Load], mode: Mode, seconds: float) -> None:
    """Let nothing through for so long, then all; note how long what was asked waited, and what stays behind."""
    name, began = _WORDS[mode], time.monotonic()
    stage.wire.set(mode, keep=True)
    await asyncio.sleep(seconds)
    stage.wire.set("pass", keep=True)
    back = time.monotonic()
    await asyncio.sleep(_SETTLING_S)
    meeting = [load for label, load in loads.items() if label != "jwks"]
    for label, load in loads.items():
        found.note(f"{name}: {label}, p99, ms", 1000 * load.part(0.99, began, back), at_most=_bar(label))
    firsts = [load.first_success(back) for load in meeting]
    found.note(f"{name}: first success after it, worst, ms", 1000 * max(firsts), at_most=3000)
    late = [each for load in meeting for each in load.answers if each.began > back + _SETTLING_S / 2 and not each.good]
    found.must_be_zero(f"{name}: not answered, 5 s after it", [str(each.status) for each in late])
    stuck = [str(row["word"]) for row in await stage.sql(_STUCK)]
    found.must_be_zero(f"{name}: connections stuck, 10 s after it", stuck)


def _bar(label: str) -> float:
    return 500 if label == "jwks" else 1000 * (_COMMAND_S + _SLACK_S)


async def _slow(stage: Stage, found: Findings, loads: Mapping[str, Load], seconds: float) -> None:
    """Make every answer of PostgreSQL's 100 ms late: all goes on, slower."""
    stage.wire.set("latency", _LATENCY_S, keep=True)
    began = time.monotonic()
    await asyncio.sleep(seconds)
    until = time.monotonic()
    stage.wire.set("pass", keep=True)
    await asyncio.sleep(1)
    for label, load in loads.items():
        found.note(f"100 ms late: {label}, p99, ms", 1000 * load.part(0.99, began, until), at_most=2500)
        bad = [str(each.status) for each in load.answers if began <= each.began < until and not each.good]
        found.must_be_zero(f"100 ms late: {label}, not answered", bad)


SCENARIOS = (Scenario("X-05", "the network to PostgreSQL is cut, forgets, is slow", _partition),)
