"""X-04: PostgreSQL restarts under mixed load."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable

import httpx

from bench.faults import inbox, mirror
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.stage import Stage, a_stage
from bench.faults.visitor import Visitor, planted

_Ask = Callable[[], Awaitable[httpx.Response]]
_PER_SECOND = 25


class _Load:
    """Asks one thing so many times a second, and keeps what was answered (0: nothing)."""

    def __init__(self, ask: _Ask) -> None:
        self._ask = ask
        self.answers: list[tuple[float, int, float]] = []

    async def run(self, stop: asyncio.Event) -> None:
        """Ask until told to stop; each question on its own, so that a slow answer delays no other."""
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                tasks.create_task(self._once())
                await asyncio.sleep(1 / _PER_SECOND)

    async def _once(self) -> None:
        began, status = time.monotonic(), 0
        with contextlib.suppress(httpx.HTTPError):
            status = (await self._ask()).status_code
        self.answers.append((began, status, time.monotonic() - began))

    def count(self, *statuses: int) -> int:
        return sum(status in statuses for _, status, _ in self.answers)

    def others(self, *statuses: int) -> list[str]:
        return [str(status) for _, status, _ in self.answers if status not in statuses]

    def first_success(self, after: float) -> float:
        """Return the seconds from an instant to the first success that was asked for after it."""
        return min((began + took for began, status, took in self.answers if began >= after and 200 <= status < 400),
                   default=float("inf")) - after  # fmt: skip


async def _restarts(run: Run) -> Findings:
    found, restarts = Findings(), 2 if run.quick else 5
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        visitor = Visitor(stage, planted(stage))
        assert (await visitor.sign_in()).signed_in
        stage.model.spared = {each.id for each in stage.twin.world.people.values() if each.email == planted(stage)}
        loads = _loads(stage, visitor)
        stop = asyncio.Event()
        deliveries = stage.model.steps(60 * restarts * 3)
        async with asyncio.TaskGroup() as tasks:
            for load in loads.values():
                tasks.create_task(load.run(stop))
            sending = tasks.create_task(stage.sender().send(deliveries, rate=60))
            back = [await _restart(stage) for _ in range(restarts)]
            sent = await sending
            stop.set()
        await visitor.close()
        _note(found, loads, back)
        found.note("deliveries answered 500", sent.statuses[500], at_most=0)
        await inbox.settled(stage)
        await inbox.check(stage, found, [each.event_id for each in deliveries])
        await mirror.check(stage, found)
    return found


def _loads(stage: Stage, visitor: Visitor) -> dict[str, _Load]:
    http = httpx.AsyncClient(base_url=stage.url, trust_env=False, timeout=15)
    door = stage.model.tenants[0].door
    return {
        "jwks": _Load(lambda: http.get("/.well-known/jwks.json")),
        "token": _Load(visitor.token),
        "start": _Load(lambda: http.get("/auth/sso", params={"connection": door})),
    }


async def _restart(stage: Stage) -> float:
    """Restart after a while; return the instant at which the server was back."""
    await asyncio.sleep(stage.rng.uniform(0.8, 2))
    await stage.server.restart()
    back = time.monotonic()
    await asyncio.sleep(stage.rng.uniform(0.8, 1.5))
    return back


def _note(found: Findings, loads: dict[str, _Load], back: list[float]) -> None:
    keys = loads.pop("jwks")
    found.must_be_zero("keys not answered 200", keys.others(200))
    for name, load in loads.items():
        found.note(f"{name}: answers 503", load.count(503))
        found.must_be_zero(f"{name}: neither answered nor 503", load.others(200, 302, 503))
    slowest = max(took for load in loads.values() for _, _, took in load.answers)
    found.note("slowest answer, s", slowest, at_most=6)
    firsts = [load.first_success(instant) for load in loads.values() for instant in back]
    found.note("first success after the server is back, worst, ms", 1000 * max(firsts), at_most=2000)


SCENARIOS = (Scenario("X-04", "PostgreSQL restarts under load", _restarts),)
