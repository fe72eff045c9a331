"""The scenarios, in one visible list; one file per family."""

from bench.faults.scenario import Scenario
from bench.faults.scenarios import clocks, crashes, database, denied, gaps, garbage, load, order, rotation, upstream

ALL: tuple[Scenario, ...] = (
    *crashes.SCENARIOS,
    *database.SCENARIOS,
    *upstream.SCENARIOS,
    *garbage.SCENARIOS,
    *clocks.SCENARIOS,
    *order.SCENARIOS,
    *gaps.SCENARIOS,
    *load.SCENARIOS,
    *rotation.SCENARIOS,
    *denied.SCENARIOS,
)
