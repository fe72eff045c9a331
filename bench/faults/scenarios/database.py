"""X-04: PostgreSQL restarts under mixed load."""

import asyncio
import time

from bench.faults import inbox, mirror
from bench.faults.asking import Load, asked, mixed, tally
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.stage import Stage, a_stage


async def _restarts(run: Run) -> Findings:
    found, restarts = Findings(), 2 if run.quick else 5
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        async with mixed(stage) as loads:
            deliveries = stage.model.steps(60 * restarts * 3)
            async with asked(loads.values()), asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(stage.sender().send(deliveries, rate=60))
                back = [await _restart(stage) for _ in range(restarts)]
                sent = await sending
        _note(found, loads, back)
        found.note("deliveries answered 500", sent.statuses[500], at_most=0)
        await inbox.settled(stage)
        await inbox.check(stage, found, [each.event_id for each in deliveries])
        await mirror.check(stage, found)
    return found


async def _restart(stage: Stage) -> float:
    """Restart after a while; return the instant at which the server was back."""
    await asyncio.sleep(stage.rng.uniform(0.8, 2))
    await stage.server.restart()
    back = time.monotonic()
    await asyncio.sleep(stage.rng.uniform(0.8, 1.5))
    return back


def _note(found: Findings, loads: dict[str, Load], back: list[float]) -> None:
    keys = loads.pop("jwks")
    found.must_be_zero("keys not answered 200", keys.others(200))
    tally(loads, found)
    found.note("slowest answer, s", max(load.slowest() for load in loads.values()), at_most=6)
    firsts = [load.first_success(instant) for load in loads.values() for instant in back]
    found.note("first success after the server is back, worst, ms", 1000 * max(firsts), at_most=2000)


SCENARIOS = (Scenario("X-04", "PostgreSQL restarts under load", _restarts),)
