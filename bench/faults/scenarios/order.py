"""X-10, X-11, X-12: the same events many times, in any order, minutes late; the end is the same."""

import asyncio

from bench.faults import inbox, mirror
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Delivery, shuffled
from bench.faults.stage import Set, Stage, a_stage

_PERMUTATIONS = 20
_TOO_OLD_S = 200.0


async def _duplicates(run: Run) -> Findings:
    found = Findings()
    async with a_stage(run.server, run.seed) as stage:
        await _begun(stage)
        deliveries = stage.model.steps(run.sized(100))
        copies = [each for each in deliveries for _ in range(stage.rng.randint(1, 100))]
        sender = stage.sender(connections=100)
        sent = await sender.send(copies)  # neighbours are copies of each other, so they meet on 100 connections
        found.note("deliveries per event", len(copies) / len(deliveries))
        found.note("not answered 2xx", len(copies) - len(sent.answered), at_most=0)
        await inbox.settled(stage)
        rows = await stage.count("select count(*) from webhook_events")
        found.note("rows per event", rows / len(deliveries), at_most=1)
        await _all_well(stage, found, deliveries)
    return found


async def _reordering(run: Run) -> Findings:
    found, organizations = Findings(), run.sized(_PERMUTATIONS)
    async with a_stage(run.server, run.seed, Set(organizations=organizations, people=8)) as stage:
        await _begun(stage)
        told = {tenant.id: [d for _ in range(60) for d in stage.model.step(tenant)] for tenant in stage.model.tenants}
        everything = [each for deliveries in told.values() for each in deliveries]
        # Each tenant's own history, in a permutation of its own, one in five of it twice.
        again = stage.rng.sample(everything, len(everything) // 5)
        await stage.sender().send(shuffled(everything + again, stage.rng))
        found.note("permutations", organizations)
        found.note("events", len(everything))
        await inbox.settled(stage)
        await _all_well(stage, found, everything)
    return found


async def _delay(run: Run) -> Findings:
    found, latest = Findings(), run.sized(25)
    async with a_stage(run.server, run.seed) as stage:
        await _begun(stage)
        deliveries = stage.model.steps(run.sized(600))
        late = [_late(stage, each, latest) for each in deliveries]
        sending = asyncio.create_task(stage.sender(connections=32).send(late))
        while not sending.done():
            await inbox.catch_up_now(stage)
            await asyncio.wait([sending], timeout=3)
        found.note("refused as stale", (await sending).statuses[401])
        await inbox.polled_since(stage)
        await inbox.settled(stage)
        by_list = await stage.count("select count(*) from webhook_events where source = 'events_api'")
        found.note("came by WorkOS's list first", by_list)
        await _all_well(stage, found, deliveries)
    return found


def _late(stage: Stage, delivery: Delivery, latest: float) -> Delivery:
    """Send it up to so many seconds late; one in ten with a signature that is too old to be believed."""
    age = _TOO_OLD_S if stage.rng.random() < 0.1 else 0.0
    return Delivery(delivery.event_id, delivery.body, age, stage.rng.uniform(0, latest))


async def _begun(stage: Stage) -> None:
    await inbox.settled(stage)
    await mirror.plant_sessions(stage)


async def _all_well(stage: Stage, found: Findings, deliveries: list[Delivery]) -> None:
    await inbox.check(stage, found, [each.event_id for each in deliveries])
    await mirror.check(stage, found, sessions=True)


SCENARIOS = (
    Scenario("X-10", "duplicates, 1 to 100 in parallel", _duplicates),
    Scenario("X-11", "every tenant's events in another order", _reordering),
    Scenario("X-12", "late webhooks beside the catch-up", _delay),
)
