"""Results: the runs of one workload, their medians, and how targets compare."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Latencies are of single requests, CPU is the server's, per unit; a drain has units and peak memory."""

    rate: float
    cpu_us: float
    trouble: dict[str, int]
    p50_ms: float | None = None
    p99_ms: float | None = None
    units: int | None = None
    peak_mb: float | None = None


@dataclass(slots=True)
class Series:
    """The runs of one target under one number of connections (0: a worker, which has none)."""

    runs: list[Run] = field(default_factory=list[Run])

    def middle(self, of: Callable[[Run], float]) -> float:
        """Return the median over the runs."""
        return median(map(of, self.runs))

    def middle_of(self, figure: str) -> float | None:
        """Return the median over the runs of a figure that not every workload has."""
        found = [value for run in self.runs if (value := getattr(run, figure)) is not None]
        return median(found) if found else None

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
    """What one workload, or a phase of a drain, gave: series by (target, connections); who failed, with the reason."""

    series: dict[tuple[str, int], Series] = field(default_factory=dict[tuple[str, int], Series])
    failed: dict[str, str] = field(default_factory=dict[str, str])


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
