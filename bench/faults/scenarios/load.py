"""X-15, X-25: poison among good events, and a whole company at once."""

import asyncio
import time

from bench.faults import inbox, mirror
from bench.faults.findings import Findings, percentile
from bench.faults.poison import poisonous
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Delivery
from bench.faults.stage import Set, Stage, a_stage
from bench.faults.visitor import one_sign_in

# A fault of our own: whatever is done with this event fails inside the database, every time.
_CURSE = (
    "create function faults.curse() returns trigger language plpgsql security definer as $$ begin"
    " if new.event_id = tg_argv[0] then raise exception 'cursed'; end if; return new; end $$;"
    " create trigger faults_curse before insert or update on object_versions for each row"
    " execute function faults.curse('{}')"
)


async def _poisoned(run: Run) -> Findings:
    found, count = Findings(), run.sized(3000)
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        good = stage.model.steps(count)
        bad = poisonous(stage.rng, max(3, count // 1000))
        cursed = await _cursed(stage)
        sent = list(good)
        for each in (*bad, cursed):
            sent.insert(stage.rng.randrange(len(sent)), each)
        await stage.sender().send(sent, rate=100)
        await inbox.settled(stage, pending=1)
        lags = await inbox.lags(stage, [each.event_id for each in good])
        if lags:
            found.note("lag of good events, p99, ms", percentile(lags, 0.99), at_most=2000)
        found.note("attempts at what always fails", await _until_dead(stage, cursed), at_most=8)
        # What the cursed event would have done was undone by the model's own hand.
        await inbox.check(stage, found, [each.event_id for each in good], poison=[*bad, cursed])
        await mirror.check(stage, found)
    return found


async def _cursed(stage: Stage) -> Delivery:
    """Return an event that always fails; in the model nothing has happened."""
    tenant = stage.model.tenants[0]
    stage.model.bolt(tenant)
    (delivery,) = stage.model.told()
    tenant.side_door_active = not tenant.side_door_active
    await stage.execute(_CURSE.replace("{}", delivery.event_id))
    return delivery


async def _until_dead(stage: Stage, delivery: Delivery) -> int:
    """Have it tried again at once instead of minutes later, until it is dead; return the attempts."""
    async with asyncio.timeout(60):
        while True:
            await stage.sql("update webhook_events set due_at = now() where status = 'pending' and attempts > 0")
            rows = await stage.sql("select status, attempts from webhook_events where event_id = $1", delivery.event_id)
            if rows and rows[0]["status"] == "dead":
                return int(rows[0]["attempts"])
            await asyncio.sleep(0.2)


async def _whole_company(run: Run) -> Findings:
    found, count = Findings(), run.sized(20_000)
    async with a_stage(run.server, run.seed, Set(organizations=1)) as stage:
        await inbox.settled(stage)
        tenant = stage.model.tenants[0]
        for _ in range(count):
            stage.model.hire(tenant)
        deliveries = stage.model.told()
        began, done = time.monotonic(), asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            logins = tasks.create_task(_logins(stage, done))
            peak = tasks.create_task(_peak(stage, done))
            await stage.sender(connections=32).send(deliveries)
            taken = time.monotonic() - began
            await inbox.settled(stage, within=600)
            drained = time.monotonic() - began
            done.set()
        found.note("events", len(deliveries))
        found.note("taken in, s", taken)
        found.note("drained after, s", drained)
        found.note("ms per event", 1000 * drained / len(deliveries))
        found.note("pending at most", peak.result())
        found.must_be_zero("logins refused", [str(status) for status, _ in logins.result() if status != 303])
        found.note("login, p95, ms", 1000 * percentile([took for _, took in logins.result()], 0.95), at_most=500)
        await inbox.check(stage, found, [each.event_id for each in deliveries])
        await mirror.check(stage, found)
    return found


async def _logins(stage: Stage, done: asyncio.Event) -> list[tuple[int, float]]:
    """Sign somebody in four times a second meanwhile; return statuses and seconds."""
    seen: list[tuple[int, float]] = []
    while not done.is_set():
        answer = await one_sign_in(stage, len(seen))
        seen.append((answer.status, answer.seconds))
        await asyncio.sleep(0.25)
    return seen


async def _peak(stage: Stage, done: asyncio.Event) -> int:
    most = 0
    while not done.is_set():
        most = max(most, await stage.count("select count(*) from webhook_events where status = 'pending'"))
        await asyncio.sleep(0.5)
    return most


SCENARIOS = (
    Scenario("X-15", "poison among good events", _poisoned),
    Scenario("X-25", "a whole company at once", _whole_company, seconds=900),
)
