"""Measure: one target, one workload, one run; then floor and gateway in turn, and medians of the pairs."""

import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench import wrk
from bench.bars import CONNECTIONS
from bench.database import Postgres
from bench.machine import cpu_seconds, free_port
from bench.proof import prove
from bench.servers import DidNotStart, Server
from bench.targets import Target
from bench.visit import Dishonest, visitor
from bench.workload import Request, Workload

# Pools fill and statements are prepared per connection: a slow target needs longer for that than a fast one.
WARM_UP_S = 1
WARM_UP_UNITS = 600
WARM_UP_MOST = 6


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Latencies are of single requests, CPU is the server's, per unit."""

    rate: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    trouble: dict[str, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how often: seconds per run, rounds of floor and gateway, connections, the server's core."""

    seconds: float
    rounds: int
    connections: Sequence[int]
    cpu: str
    twin: int
    say: Callable[[str], None] = print


@dataclass(slots=True)
class Series:
    """The runs of one target under one number of connections."""

    runs: list[Run] = field(default_factory=list[Run])

    def middle(self, of: Callable[[Run], float]) -> float:
        """Return the median over the runs."""
        return median(map(of, self.runs))

    @property
    def rate(self) -> float:
        """Median units per second."""
        return self.middle(lambda run: run.rate)

    @property
    def spread(self) -> float:
        """Widest distance between two runs as a part of their median: how quiet the machine was."""
        rates = [run.rate for run in self.runs]
        return (max(rates) - min(rates)) / self.rate if self.rate else 0.0

    @property
    def trouble(self) -> dict[str, int]:
        """What went wrong, summed by its name; empty when nothing did."""
        names = {name for run in self.runs for name in run.trouble}
        return {name: sum(run.trouble.get(name, 0) for run in self.runs) for name in sorted(names)}


@dataclass(slots=True)
class Results:
    """What one workload gave: series by (target's name, connections); and who failed, with the reason."""

    series: dict[tuple[str, int], Series] = field(default_factory=dict[tuple[str, int], Series])
    failed: dict[str, str] = field(default_factory=dict[str, str])


async def compare(
    workload: Workload, turns: Sequence[Target], last: Sequence[Target], postgres: Postgres, plan: Plan
) -> Results:
    """Run `turns` one after the other, `plan.rounds` times, then `last` once each.

    A target that fails is not tried again; the others go on.
    """
    results = Results()
    for round_ in range(plan.rounds):
        for target in turns:
            plan.say(f"  {workload.name}: {target.name}, round {round_ + 1} of {plan.rounds}")
            await _run(workload, target, plan.connections, postgres, plan, results)
    for target in last:
        plan.say(f"  {workload.name}: {target.name}")
        whole = target.name == "plain"  # another floor is for information: once, where the bars are
        await _run(workload, target, plan.connections if whole else [CONNECTIONS], postgres, plan, results)
    return results


async def _run(  # noqa: PLR0913, PLR0917 -- private, and each is one thing
    workload: Workload, target: Target, connections: Iterable[int], postgres: Postgres, plan: Plan, results: Results
) -> None:
    """Start the target, prove it, load it, end it."""
    if target.name in results.failed:
        return
    try:
        await _load(workload, target, connections, postgres, plan, results)
    except (Dishonest, DidNotStart, LookupError, ValueError, OSError, subprocess.SubprocessError) as refused:
        results.failed[target.name] = f"{type(refused).__name__}: {refused}"
        plan.say(f"  {workload.name}: {target.name} FAILED: {refused}")


async def _load(  # noqa: PLR0913, PLR0917 -- as above
    workload: Workload, target: Target, connections: Iterable[int], postgres: Postgres, plan: Plan, results: Results
) -> None:
    port = free_port()
    await postgres.calm(target.database)
    with Server(target.command(workload.name, port, plan.twin), port, plan.cpu) as server:
        server.wait_until_ready()
        prove(workload, server, target)
        asked = workload.requests(visitor(server, target))
        _warm_up(workload, asked, server.origin)
        for count in connections:
            before = cpu_seconds(server.pid)
            load = wrk.run(workload, asked, server.origin, connections=count, seconds=plan.seconds)
            used = cpu_seconds(server.pid) - before
            run = Run(load.rate, load.p50_ms, load.p99_ms, used * 1e6 / max(load.units, 1), load.trouble)
            results.series.setdefault((target.name, count), Series()).runs.append(run)


def _warm_up(workload: Workload, asked: Sequence[Request], origin: str) -> None:
    units = 0
    for _ in range(WARM_UP_MOST):
        units += wrk.run(workload, asked, origin, connections=CONNECTIONS, seconds=WARM_UP_S).units
        if units >= WARM_UP_UNITS:
            return


def ratio(results: Results, connections: int) -> float | None:
    """Return gateway ÷ floor: the median of the rounds' own ratios, because drift moves both runs of a round."""
    floor, gateway = (results.series.get((name, connections)) for name in ("floor", "gateway"))
    if not floor or not gateway:
        return None
    rounds = zip(gateway.runs, floor.runs, strict=False)  # one of them may have failed in a later round
    return median(ours.rate / least.rate for ours, least in rounds if least.rate)


def cpu_ratio(results: Results, target: str, connections: int) -> float | None:
    """Return the floor's CPU per unit ÷ the target's: `ratio` if nothing but its core counted."""
    floor, ours = (results.series.get((name, connections)) for name in ("floor", target))
    if not floor or not ours:
        return None
    return floor.middle(lambda run: run.cpu_us) / max(ours.middle(lambda run: run.cpu_us), 0.001)
