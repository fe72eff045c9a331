"""The scenarios, in one visible list; one file per family."""

from bench.faults.scenario import Scenario
from bench.faults.scenarios import crashes

ALL: tuple[Scenario, ...] = (*crashes.SCENARIOS,)
