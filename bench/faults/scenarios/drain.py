"""X-18: SIGTERM to the API with sign-ins under way, and to the worker with a full sync under way, again and again."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.faults import inbox, mirror
from bench.faults.admin import Admin
from bench.faults.asking import CUT_OFF, REFUSED, Load, asked, mixed
from bench.faults.findings import Findings, percentile
from bench.faults.processes import Program
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Stream
from bench.faults.stage import Stage, a_stage
from bench.faults.visitor import Visitor, planted

_RATE = 60
_UNDER_WAY = 10
_EXCHANGE_MS = 1500
_PAGE_MS = 700
_EXIT_S = 15.0
_RUNS = "select count(*) from directory_sync_runs where status in ('queued', 'running')"


@dataclass(slots=True)
class _Seen:
    """What the rounds saw: seconds from SIGTERM to exit, sign-ins that were not finished, and when SIGTERM was sent."""

    api: list[float] = field(default_factory=list[float])
    worker: list[float] = field(default_factory=list[float])
    resumed: list[float] = field(default_factory=list[float])
    statuses: list[int] = field(default_factory=list[int])
    dropped: list[str] = field(default_factory=list[str])
    signalled: list[float] = field(default_factory=list[float])


async def _drains(run: Run) -> Findings:
    found, rounds, seen = Findings(), 2 if run.quick else 10, _Seen()
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        await mirror.plant_sessions(stage)
        stage.model.spared = {person.id for person in list(stage.model.tenants[0].people.values())[:_UNDER_WAY]}
        admin = await stage.admin()
        async with mixed(stage, per_second=15) as loads, asyncio.TaskGroup() as tasks:
            stream = Stream(stage.model.step)
            sending = tasks.create_task(stage.sender().send(stream, rate=_RATE))
            async with asked(loads.values()):
                for _ in range(rounds):
                    await _api(stage, seen)
                    await _worker(stage, admin, seen)
            stream.stop()
        await admin.close()
        _note(found, seen, loads)
        found.note("deliveries answered 500", (await sending).statuses[500], at_most=0)
        await inbox.settled(stage)
        await inbox.check(stage, found, [each.event_id for each in stream.made])
        await mirror.check(stage, found, sessions=True)
    return found


async def _api(stage: Stage, seen: _Seen) -> None:
    """Let people call back, whose codes WorkOS is slow to exchange; SIGTERM; all of them must be signed in."""
    visitors = [Visitor(stage, planted(stage, number)) for number in range(_UNDER_WAY)]
    callbacks = [await visitor.start() for visitor in visitors]
    order = stage.twin.add_fault("POST /sso/token", "latency", delay_ms=_EXCHANGE_MS)
    finishing = [
        asyncio.create_task(visitor.finish(callback)) for visitor, callback in zip(visitors, callbacks, strict=True)
    ]
    await asyncio.sleep(stage.rng.uniform(0.3, 0.8))
    seen.signalled.append(time.monotonic())
    seen.api.append(await _ended(stage.api, seen))
    for told in await asyncio.gather(*finishing, return_exceptions=True):
        if isinstance(told, BaseException):
            seen.dropped.append(f"a callback: {type(told).__name__}")
        elif not told.signed_in:
            seen.dropped.append(f"a callback: {told.status}")
    stage.twin.remove_fault(order.id)
    for visitor in visitors:
        await visitor.close()
    stage.api.start()
    await stage.ready()


async def _worker(stage: Stage, admin: Admin, seen: _Seen) -> None:
    """Begin a full sync whose pages are slow in coming; SIGTERM; the next worker must go on with it at once."""
    order = stage.twin.add_fault("GET /directory_users", "latency", delay_ms=_PAGE_MS)
    await admin.post(f"/api/directories/{stage.model.tenants[0].directory}/sync", {})
    await asyncio.sleep(stage.rng.uniform(0.3, 0.8))
    seen.worker.append(await _ended(stage.worker, seen))
    stage.twin.remove_fault(order.id)
    stage.worker.start()
    began = time.monotonic()
    async with asyncio.timeout(120):
        while await stage.count(_RUNS):
            await asyncio.sleep(0.1)
    seen.resumed.append(time.monotonic() - began)


async def _ended(program: Program, seen: _Seen) -> float:
    """Send SIGTERM and return the seconds until the process has gone."""
    began = time.monotonic()
    seen.statuses.append(await program.end())
    return time.monotonic() - began


def _note(found: Findings, seen: _Seen, loads: Mapping[str, Load]) -> None:
    for name, seconds in (("API", seen.api), ("worker", seen.worker)):
        found.note(f"{name}: from SIGTERM to exit, p95, s", percentile(seconds, 0.95), at_most=_EXIT_S)
    found.must_be_zero("exits with another status than 0", [str(each) for each in seen.statuses if each])
    found.note("SIGTERMs", len(seen.statuses))
    found.must_be_zero("sign-ins under way that were dropped", seen.dropped)
    cut = [each for load in loads.values() for each in load.answers if each.status == CUT_OFF]
    before = [each for each in cut if any(each.began <= at <= each.began + each.seconds for at in seen.signalled)]
    found.must_be_zero("requests of before SIGTERM, dropped", [each.why for each in before])
    found.note("requests of after it, closed on at the door", len(cut) - len(before))
    found.note("requests of after it, refused", sum(load.count(REFUSED) for load in loads.values()))
    bad = [word for load in loads.values() for word in load.others(200, 302, REFUSED, CUT_OFF)]
    found.must_be_zero("answered otherwise", bad)
    found.note("an interrupted full sync is done after, worst, s", max(seen.resumed), at_most=30)


SCENARIOS = (Scenario("X-18", "SIGTERM in load", _drains),)
