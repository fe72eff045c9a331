"""X-06, X-07: WorkOS refuses, stays silent, trickles, breaks off."""

import asyncio
import time
from collections.abc import Callable

from bench.faults import inbox
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.stage import Stage, a_stage
from bench.faults.visitor import Finished, Visitor, one_sign_in, planted

_ANSWERED_S = 6.0
_EXCHANGE = "POST /sso/token"
_SESSIONS = "select count(*) from sessions"
_IDLE = (
    "select count(*) from pg_stat_activity where datname = current_database() and state = 'idle in transaction'"
    " and state_change < clock_timestamp() - interval '1 second'"
)
_Fault = Callable[[Stage], None]


async def _refused(run: Run) -> Findings:
    found, seconds = Findings(), run.sized(15)
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        for status in (429, 500, 503):
            before = await stage.count(_SESSIONS)
            stage.twin.clear_hits()
            stage.twin.add_fault(_EXCHANGE, "status", status=status)
            answers = await _for_a_while(stage, seconds)
            calls = len(stage.twin.hits("/sso/token"))
            stage.twin.clear_faults()
            found.note(f"{status}: calls per login", calls / len(answers), at_most=1.2)
            found.must_be_zero(f"{status}: answers not 502, 503", _others(answers, 502, 503))
            found.note(f"{status}: sessions", await stage.count(_SESSIONS) - before, at_most=0)
            found.note(f"{status}: until logins succeed again, s", await _recovered(stage), at_most=10)
    return found


async def _for_a_while(stage: Stage, seconds: float) -> list[Finished]:
    """Sign in four times a second, each on its own."""
    ends = time.monotonic() + seconds
    tasks: list[asyncio.Task[Finished]] = []
    while time.monotonic() < ends:
        tasks.append(asyncio.create_task(one_sign_in(stage, len(tasks))))
        await asyncio.sleep(0.25)
    return list(await asyncio.gather(*tasks))


def _others(answers: list[Finished], *statuses: int) -> list[str]:
    return [str(each.status) for each in answers if each.status not in statuses or each.signed_in]


async def _recovered(stage: Stage, within: float = 30) -> float:
    """Return the seconds until a login succeeds. Raises TimeoutError."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not (await one_sign_in(stage)).signed_in:
            await asyncio.sleep(0.1)
    return time.monotonic() - began


def _twin(kind: str, **order: object) -> _Fault:
    return lambda stage: _void(stage.twin.add_fault(_EXCHANGE, kind, **order))


def _wire(mode: str, seconds: float = 0) -> _Fault:
    return lambda stage: stage.proxy.set(mode, seconds)  # type: ignore[arg-type]


def _void(_: object) -> None:
    return None


_SILENCES: dict[str, _Fault] = {
    "60 s of silence": _twin("latency", delay_ms=60_000),
    "one byte a second": _twin("trickle", delay_ms=1000),
    "reset, not done": _twin("reset", when="before"),
    "reset, done": _twin("reset", when="after"),
    "reset in the answer": _twin("reset", when="during"),
    "half an answer": _twin("truncated"),
    "black hole": _wire("blackhole"),
    "TCP trickle": _wire("trickle", 1.0),
    "TCP cut": _wire("cut"),
    "TCP garbage": _wire("garbage"),
}


async def _silent(run: Run) -> Findings:
    found, side_by_side = Findings(), run.sized(20)
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        slowest, idle, wrong, back = 0.0, 0, list[str](), 0.0
        names = stage.rng.sample(sorted(_SILENCES), len(_SILENCES))
        before = await stage.count(_SESSIONS)
        recovered = 0
        for name in names:
            visitors = [Visitor(stage, planted(stage, number)) for number in range(side_by_side)]
            callbacks = [await visitor.start() for visitor in visitors]
            _SILENCES[name](stage)
            answers, held = await _called_back(stage, visitors, callbacks)
            stage.twin.clear_faults()
            stage.proxy.set("pass")
            slowest, idle = max(slowest, *(each.seconds for each in answers)), max(idle, held)
            wrong += [f"{name}: {each}" for each in _others(answers, 502, 503)]
            back = max(back, await _recovered(stage))
            recovered += 1
        found.note("callbacks per fault", side_by_side)
        found.note("slowest answer, s", slowest, at_most=_ANSWERED_S)
        found.note("idle in transaction", idle, at_most=0)
        found.must_be_zero("answers not 502, 503", wrong)
        found.note("sessions", await stage.count(_SESSIONS) - before - recovered, at_most=0)
        found.note("until logins succeed again, worst, s", back, at_most=10)
    return found


async def _called_back(stage: Stage, visitors: list[Visitor], callbacks: list[str]) -> tuple[list[Finished], int]:
    """Finish the logins side by side; return the answers, and how many transactions stood open at most meanwhile."""
    calls = [visitor.finish(callback) for visitor, callback in zip(visitors, callbacks, strict=True)]
    finishing = asyncio.gather(*calls)
    held = 0
    while not finishing.done():
        held = max(held, await stage.count(_IDLE))
        await asyncio.wait([finishing], timeout=0.3)
    for visitor in visitors:
        await visitor.close()
    return list(await finishing), held


SCENARIOS = (
    Scenario("X-06", "WorkOS answers 429, 500, 503", _refused),
    Scenario("X-07", "WorkOS is silent, slow, breaks off", _silent),
)
