"""X-13, X-14: webhooks that never come, and a reading of WorkOS's list that starts too late to see them."""

import asyncio
import time

from bench.faults import inbox, mirror
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.stage import Stage, a_stage

_RATE = 100


async def _dropped(run: Run) -> Findings:
    found, seconds = Findings(), run.sized(20)
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        await inbox.polled_since(stage)
        await mirror.plant_sessions(stage)
        some = stage.model.steps(_RATE * seconds)
        arriving = [each for each in some if stage.rng.random() >= 0.3]
        await stage.sender().send(arriving, rate=_RATE)
        none = stage.model.steps(_RATE * seconds // 2)
        await asyncio.sleep(1)
        stage.twin.clear_hits()
        began = time.monotonic()
        await inbox.polled_since(stage)
        await inbox.settled(stage)
        found.note("events dropped", len(some) - len(arriving) + len(none))
        found.note("time to equality, once it is read, s", time.monotonic() - began)
        found.note("calls to WorkOS", len(stage.twin.hits("/events")))
        await inbox.check(stage, found, [each.event_id for each in (*some, *none)])
        await mirror.check(stage, found, sessions=True)
    return found


async def _lost_place(run: Run) -> Findings:
    found = Findings()
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        await inbox.polled_since(stage)
        await mirror.plant_sessions(stage)
        kept = stage.model.steps(run.sized(200))
        await stage.sender().send(kept)
        stage.model.steps(run.sized(200))
        await asyncio.sleep(2)
        # WorkOS has forgotten what nobody delivered, and our place in its list is older than its history.
        stage.twin.set_switches(events_history_seconds=1)
        await stage.sql("update event_polls set read_to = now() - interval '200 days'")
        stage.twin.clear_hits()
        began = time.monotonic()
        await inbox.polled_since(stage)
        if await inbox.is_mirrored(stage):
            found.note("full syncs held, and confirmed", await inbox.listed(stage))
        await inbox.settled(stage)
        found.note("time to equality, s", time.monotonic() - began)
        found.note("calls to WorkOS", len(stage.twin.hits()))
        await inbox.check(stage, found, [each.event_id for each in kept])
        if await inbox.is_mirrored(stage):
            await _healed_by_listing(stage, found)
    return found


async def _healed_by_listing(stage: Stage, found: Findings) -> None:
    runs = await stage.sql("select status, count(*) as n from directory_sync_runs group by 1")
    found.note("full syncs", sum(row["n"] for row in runs))
    found.must_be_zero("full syncs not completed", [row["status"] for row in runs if row["status"] != "completed"])
    # Connections are no part of a directory's listing: what was missed of them is not asked for here.
    for tenant in stage.model.tenants:
        rows = await stage.sql("select state from connections where workos_id = $1", tenant.side_door)
        tenant.side_door_active = rows[0]["state"] == "active"
    await mirror.check(stage, found, sessions=True)


SCENARIOS = (
    Scenario("X-13", "webhooks dropped: a third, then all", _dropped),
    Scenario("X-14", "our place in WorkOS's list is lost", _lost_place),
)
