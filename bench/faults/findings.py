"""Findings: what one run of a scenario measured, and what it must not exceed."""

from dataclasses import dataclass, field


class Skipped(Exception):  # noqa: N818 -- named for what happened
    """This machine cannot have this fault; the message says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a run; less is better. `at_most` None: for information."""

    name: str
    value: float
    at_most: float | None = None

    @property
    def holds(self) -> bool:
        """Whether it is within its bar."""
        return self.at_most is None or self.value <= self.at_most


@dataclass(slots=True)
class Findings:
    """The figures of one run, in the order in which they were noted, and what differed in words."""

    figures: list[Figure] = field(default_factory=list[Figure])
    details: list[str] = field(default_factory=list[str])

    def note(self, name: str, value: float, *, at_most: float | None = None) -> None:
        """Note a figure; its name carries its unit."""
        self.figures.append(Figure(name, float(value), at_most))

    def must_be_zero(self, name: str, found: list[str]) -> None:
        """Note how many there are of what must not be; the first few are kept in words."""
        self.note(name, len(found), at_most=0)
        self.details += [f"{name}: {each}" for each in found[:5]]

    @property
    def hold(self) -> bool:
        """Whether every figure is within its bar."""
        return all(figure.holds for figure in self.figures)


def percentile(values: list[float], part: float) -> float:
    """Return the value below which this part of the values lies; infinity of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("inf")
