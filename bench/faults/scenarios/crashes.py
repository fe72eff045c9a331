"""X-01, X-02, X-03: `kill -9` of the API in a storm of deliveries, of the worker at work, of both with PostgreSQL."""

import asyncio
import time

from bench.faults import inbox, mirror
from bench.faults.findings import Findings, percentile
from bench.faults.poison import poisonous
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Delivery, Sender, Stream
from bench.faults.stage import Stage, a_stage

_RATE = 200
_RATE_ALL = 100


async def _api_in_a_storm(run: Run) -> Findings:
    found, seconds, kills = Findings(), run.sized(60), 2 if run.quick else 6
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        await mirror.plant_sessions(stage)
        deliveries = stage.model.steps(_RATE * seconds)
        sender = stage.sender()
        sending = asyncio.create_task(sender.send(deliveries, rate=_RATE))
        gaps = [await _killed_in_the_storm(stage, sender, seconds / (kills + 1)) for _ in range(kills)]
        sent = await sending
        found.note("kills", kills)
        found.note("unavailable per kill, worst, ms", 1000 * max(gaps), at_most=15_000)
        found.note("p99 of 2xx, ms", 1000 * percentile([took for _, took in sent.answered], 0.99))
        found.note("answers 500", sent.statuses[500], at_most=0)
        found.note("drain after the storm, s", await inbox.settled(stage))
        await _all_well(stage, found, deliveries)
    return found


async def _killed_in_the_storm(stage: Stage, sender: Sender, pause: float) -> float:
    """Kill the API at some time within about `pause`, start it again, and return how long nothing got a 2xx."""
    await asyncio.sleep(pause * stage.rng.uniform(0.5, 1.2))
    killed = time.monotonic()
    await stage.api.kill()
    stage.api.start()
    await stage.ready()
    async with asyncio.timeout(20):
        while (gap := sender.sent.gap_after(killed)) == float("inf"):
            await asyncio.sleep(0.01)
    return gap


async def _worker_at_work(run: Run) -> Findings:
    found, count = Findings(), run.sized(2000)
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        await mirror.plant_sessions(stage)
        deliveries = stage.model.steps(count)
        bad = poisonous(stage.rng, 3)
        for each in bad:
            deliveries.insert(stage.rng.randrange(len(deliveries)), each)
        await stage.worker.kill()
        await stage.sender().send(deliveries)
        stage.worker.start()
        kills, freed = await _killed_until_done(stage, 0.5 if run.quick else 2.5)
        found.note("kills", kills)
        found.note("locks free after a kill, worst, ms", 1000 * max(freed, default=0.0), at_most=1000)
        await inbox.settled(stage)
        await _all_well(stage, found, deliveries, bad)
    return found


async def _killed_until_done(stage: Stage, every: float) -> tuple[int, list[float]]:
    """Kill the worker again and again while there is work, ten times at most."""
    freed: list[float] = []
    done = "select count(*) from webhook_events where status = 'pending'"
    while await stage.count(done) and len(freed) < 10:
        before = await stage.count("select count(*) from webhook_events where status <> 'pending'")
        while await stage.count(done) and before == await stage.count(
            "select count(*) from webhook_events where status <> 'pending'"
        ):
            await asyncio.sleep(0.02)  # it has started, and works
        await asyncio.sleep(every * stage.rng.uniform(0.3, 1))
        await stage.worker.kill()
        began = time.monotonic()
        while await stage.count("select count(*) from pg_locks where locktype = 'advisory'"):
            await asyncio.sleep(0.002)
        freed.append(time.monotonic() - began)
        stage.worker.start()
    return len(freed), freed


async def _everything(run: Run) -> Findings:
    found, crashes = Findings(), 2 if run.quick else 5
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        await mirror.plant_sessions(stage)
        sender, stream = stage.sender(), Stream(stage.model.step)
        async with asyncio.TaskGroup() as tasks:
            sending = tasks.create_task(sender.send(stream, rate=_RATE_ALL))
            back = [await _all_crash(stage, sender) for _ in range(crashes)]
            await asyncio.sleep(1)
            stream.stop()
        sent = await sending
        found.note("crashes of everything", crashes)
        found.note("events", len(stream.made))
        found.note("PostgreSQL is back after, worst, ms", 1000 * max(server for server, _ in back))
        # From when the server is back: how long its recovery takes is the disk's affair.
        late = max(taken - server for server, taken in back)
        found.note("deliveries are taken again, after that, worst, ms", 1000 * late, at_most=15_000)
        found.note("answers 500", sent.statuses[500], at_most=0)
        found.note("drain after the last crash, s", await inbox.settled(stage))
        await _all_well(stage, found, stream.made)
    return found


async def _all_crash(stage: Stage, sender: Sender) -> tuple[float, float]:
    """Kill everything at once, after some seconds of load; return the seconds until the server and a 2xx are back."""
    await asyncio.sleep(stage.rng.uniform(1.5, 5))
    crashed = time.monotonic()
    await asyncio.gather(stage.api.kill(), stage.worker.kill(), stage.server.crash())
    # As after a power cut: whatever comes up first finds the others missing.
    stage.api.start()
    stage.worker.start()
    await stage.server.start()
    back = time.monotonic() - crashed
    async with asyncio.timeout(60):
        while (gap := sender.sent.gap_after(crashed)) == float("inf"):
            await asyncio.sleep(0.01)
    return back, gap


async def _all_well(stage: Stage, found: Findings, sent: list[Delivery], bad: list[Delivery] | None = None) -> None:
    await inbox.check(stage, found, [each.event_id for each in sent], poison=bad or [])
    await mirror.check(stage, found, sessions=True)


SCENARIOS = (
    Scenario("X-01", "kill -9 of the API in a storm", _api_in_a_storm),
    Scenario("X-02", "kill -9 of the worker at work", _worker_at_work),
    Scenario("X-03", "everything crashes at once", _everything),
)
