"""Scenario: what is run by its id, and how long it may take."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bench.faults.findings import Findings
from bench.faults.server import Server

MOST_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Run:
    """One run: its seed, and how much of the full size it has (`--quick` has a fifth)."""

    server: Server
    seed: int
    quick: bool

    def sized(self, full: int) -> int:
        """Return a number of events or seconds for this run's size, never none."""
        return max(1, full // 5) if self.quick else full


@dataclass(frozen=True, slots=True)
class Scenario:
    """A row of the threat model's section 3. A run that takes longer than `seconds` is broken."""

    id: str
    title: str
    run: Callable[[Run], Awaitable[Findings]]
    seconds: float = MOST_SECONDS
