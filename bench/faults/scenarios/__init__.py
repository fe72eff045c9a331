"""The scenarios, in one visible list; one file per family."""

from bench.faults.scenario import Scenario
from bench.faults.scenarios import (
    clocks,
    crashes,
    database,
    denied,
    disks,
    drain,
    gaps,
    garbage,
    keys,
    load,
    order,
    partition,
    rotation,
    upstream,
)

ALL: tuple[Scenario, ...] = (
    *crashes.SCENARIOS,
    *database.SCENARIOS,
    *partition.SCENARIOS,
    *upstream.SCENARIOS,
    *garbage.SCENARIOS,
    *clocks.SCENARIOS,
    *order.SCENARIOS,
    *gaps.SCENARIOS,
    *disks.SCENARIOS,
    *drain.SCENARIOS,
    *load.SCENARIOS,
    *rotation.SCENARIOS,
    *keys.SCENARIOS,
    *denied.SCENARIOS,
)
