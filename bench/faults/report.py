"""Report: one table: scenario, figure, median and worst over the seeds, bar, verdict."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.faults.findings import Figure, Findings

_HEADINGS = ("scenario", "figure", "median", "worst", "bar", "verdict")


@dataclass(slots=True)
class Result:
    """A scenario's runs by seed; `broken` are the runs that ended before they could tell.

    `skipped` are those whose fault cannot be had on this machine, and why.
    """

    id: str
    title: str
    runs: dict[int, Findings] = field(default_factory=dict[int, Findings])
    broken: dict[int, str] = field(default_factory=dict[int, str])
    skipped: dict[int, str] = field(default_factory=dict[int, str])

    @property
    def holds(self) -> bool:
        """Whether every run was within every bar; one that was skipped breaks nothing."""
        return not self.broken and all(run.hold for run in self.runs.values())

    @property
    def verdict(self) -> str:
        """Return it in a word: a scenario of which no run took place has shown nothing."""
        if self.holds and not self.runs:
            return "skipped"
        return "holds" if self.holds else "BROKEN"


def text(results: Sequence[Result]) -> str:
    """Return the table, and below it what differed."""
    lines = [_HEADINGS, *(line for result in results for line in _lines(result))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    shown = ["  ".join(_padded(cell, widths[at], right=at in {2, 3}) for at, cell in enumerate(line)) for line in lines]
    return "\n".join([*(line.rstrip() for line in shown), *_details(results)])


def broken(result: Result, seed: int) -> list[str]:
    """Return what of one run does not hold: why it ended, the figures past their bar, and what differed."""
    found = result.runs.get(seed, Findings())
    lines = [result.broken[seed]] if seed in result.broken else []
    lines += [f"{each.name}: {_number(each.value)}" for each in found.figures if not each.holds]
    return lines + found.details


def _padded(cell: str, width: int, *, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)


def _lines(result: Result) -> list[tuple[str, ...]]:
    seeds = ", ".join(map(str, sorted({*result.runs, *result.broken, *result.skipped})))
    title = f"{result.id} {result.title} (seeds {seeds})"
    lines: list[tuple[str, ...]] = [(title, "", "", "", "", result.verdict)]
    names = dict.fromkeys(figure.name for run in result.runs.values() for figure in run.figures)
    return lines + [_line([figure for run in result.runs.values() for figure in run.figures if figure.name == name])
                    for name in names]  # fmt: skip


def _line(figures: list[Figure]) -> tuple[str, ...]:
    values = [figure.value for figure in figures]
    bar = figures[0].at_most
    shown = "" if bar is None else f"≤ {_number(bar)}"
    fails = any(not figure.holds for figure in figures)
    return ("", figures[0].name, _number(median(values)), _number(max(values)), shown, "BROKEN" if fails else "")


def _number(value: float) -> str:
    whole = math.isfinite(value) and value == int(value)
    return f"{value:,.0f}" if whole else f"{value:,.2f}"


def _details(results: Sequence[Result]) -> list[str]:
    told: list[str] = []
    for result in results:
        told += [f"{result.id} seed {seed}: {why}" for seed, why in result.broken.items()]
        told += [f"{result.id} seed {seed}: skipped: {why}" for seed, why in result.skipped.items()]
        told += [f"{result.id} seed {seed}: {word}" for seed, run in result.runs.items() for word in run.details]
    return ["", *told] if told else []
