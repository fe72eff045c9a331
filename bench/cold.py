"""Cold start: from the command to /readyz 200, on a migrated database."""

from collections.abc import Sequence
from statistics import median

from bench.bars import BARS
from bench.machine import cpu_seconds, free_port
from bench.measure import Plan
from bench.report import Row
from bench.servers import Server
from bench.targets import Target

NAME = "cold-start"


def cold_start(targets: Sequence[Target], plan: Plan) -> list[Row]:
    """Return one line per target, started in turn `plan.rounds` times; seconds and CPU are medians."""
    taken: dict[str, list[tuple[float, float]]] = {target.name: [] for target in targets}
    for round_ in range(plan.rounds):
        plan.say(f"  {NAME}: round {round_ + 1} of {plan.rounds}")
        for target in targets:
            port = free_port()
            with Server(target.command("jwks", port, plan.twin), port, plan.cpu) as server:
                seconds = server.wait_until_ready()
                taken[target.name].append((seconds, cpu_seconds(server.pid)))
    return [_row(name, times) for name, times in taken.items()]


def _row(name: str, times: list[tuple[float, float]]) -> Row:
    seconds = median(second for second, _ in times)
    bar = BARS[NAME] if name == "gateway" else None
    late = bar is not None and bar.seconds is not None and seconds > bar.seconds
    return Row(
        workload=NAME,
        target=name,
        connections=None,
        seconds=seconds,
        cpu_us=median(cpu for _, cpu in times) * 1e6,
        spread=(max(times)[0] - min(times)[0]) / seconds,
        bar=str(bar or ""),
        verdict="" if bar is None else "FAIL: below the bar" if late else "pass",
    )
