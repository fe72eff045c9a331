"""Measure: one target, one workload, one run; then floor and gateway in turn."""

import subprocess
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import asyncpg

from bench import wrk
from bench.bars import CONNECTIONS
from bench.database import Postgres, fill
from bench.machine import cpu_seconds, free_port
from bench.proof import prove
from bench.results import Results, Run, Series
from bench.servers import DidNotStart, Server
from bench.targets import Target
from bench.visit import Dishonest, visitor
from bench.workload import Drain, Visitor, Workload
from bench.wrk import Load

_FAULTS = (
    *(Dishonest, DidNotStart, LookupError, ValueError, OSError, subprocess.SubprocessError),
    asyncpg.PostgresError,
)
# Pools fill and statements are prepared per connection: a slow target needs longer for that than a fast one.
WARM_UP_S = 1
WARM_UP_UNITS = 600
WARM_UP_MOST = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: seconds per run, rounds of floor and gateway, connections, the server's core.

    `twin` and `upstream` are ports: of `bench/twin.py`, and of `bench/upstream.py` (0 where nothing is synced).
    """

    seconds: float
    rounds: int
    connections: Sequence[int]
    cpu: str
    twin: int
    upstream: int
    say: Callable[[str], None] = print


async def compare(
    workload: Workload, turns: Sequence[Target], last: Sequence[Target], postgres: Postgres, plan: Plan
) -> Results:
    """Run `turns` one after the other, `plan.rounds` times, then `last` once each, and return what came of it."""
    results = Results()

    async def run(target: Target) -> None:
        # Another floor is for information: once, where the bars are.
        connections = plan.connections if target in turns or target.name == "plain" else [CONNECTIONS]
        await _load(workload, target, connections, postgres, plan, results)

    await in_turn(workload, turns, last, postgres, plan, results, run)
    return results


async def in_turn(  # noqa: PLR0913, PLR0917 -- what both kinds of workload hand over
    workload: Workload | Drain,
    turns: Sequence[Target],
    last: Sequence[Target],
    postgres: Postgres,
    plan: Plan,
    results: Results,
    run: Callable[[Target], Awaitable[None]],
) -> None:
    """Call `run` for each of `turns`, `plan.rounds` times, then once for each of `last`.

    A target that fails is not tried again; the others go on.
    """

    async def attempt(target: Target, doing: Callable[[], Awaitable[None]], said: str) -> None:
        if target.name in results.failed:
            return
        plan.say(f"  {workload.name}: {target.name}{said}")
        try:
            await doing()
        except _FAULTS as refused:
            results.failed[target.name] = f"{type(refused).__name__}: {refused}"
            plan.say(f"  {workload.name}: {target.name} FAILED: {refused}")

    furnished: set[str] = set()
    for target in [*turns, *last]:
        if target.database not in furnished and not (isinstance(workload, Drain) and workload.anew):
            furnished.add(target.database)
            await attempt(target, partial(furnish, workload, target, postgres), ", its rows")
    for round_ in range(plan.rounds):
        for target in turns:
            await attempt(target, partial(run, target), f", round {round_ + 1} of {plan.rounds}")
    for target in last:
        await attempt(target, partial(run, target), "")


async def furnish(workload: Workload | Drain, target: Target, postgres: Postgres) -> None:
    """Put the rows that this workload needs into the target's database."""
    await fill(postgres.url(target.database), list(workload.rows()))


async def _load(  # noqa: PLR0913, PLR0917 -- private, and each is one thing
    workload: Workload, target: Target, connections: Iterable[int], postgres: Postgres, plan: Plan, results: Results
) -> None:
    """Start the target, prove it, load it, end it."""
    port = free_port()
    await postgres.clear(target.database, workload.clears)
    await postgres.calm(target.database)
    with Server(target.command(workload.name, port, plan.twin), port, plan.cpu) as server:
        server.wait_until_ready()
        prove(workload, server, target)
        ask = _Asker(workload, visitor(server, target, workload.callers))
        ask.warm_up()
        for count in connections:
            before = cpu_seconds(server.pid)
            kept_before = await _kept(workload, target, postgres)
            load = ask.load(count, plan.seconds)
            used = cpu_seconds(server.pid) - before
            lost = load.units - (await _kept(workload, target, postgres) - kept_before)
            trouble = load.trouble | ({"not kept": lost} if workload.kept and lost > 0 else {})
            run = Run(load.rate, used * 1e6 / max(load.units, 1), trouble, load.p50_ms, load.p99_ms)
            results.series.setdefault((target.name, count), Series()).runs.append(run)


async def _kept(workload: Workload, target: Target, postgres: Postgres) -> int:
    return int(await postgres.value(target.database, workload.kept)) if workload.kept else 0


class _Asker:
    """Loads one running target, with requests of its own for each run where they are good only once."""

    def __init__(self, workload: Workload, visitor: Visitor) -> None:
        self._workload = workload
        self._visitor = visitor
        self._asked = [] if workload.once else workload.requests(visitor)

    def load(self, connections: int, seconds: float) -> Load:
        asked = self._asked
        if self._workload.once:
            asked = self._workload.requests(replace(self._visitor, seconds=seconds))
        return wrk.run(self._workload, asked, self._visitor.origin, connections=connections, seconds=seconds)

    def warm_up(self) -> None:
        units = 0
        for _ in range(WARM_UP_MOST):
            units += self.load(CONNECTIONS, WARM_UP_S).units
            if units >= WARM_UP_UNITS:
                return
