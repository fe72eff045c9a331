"""The scenarios, in one visible list; one file per family."""

from bench.faults.scenario import Scenario
from bench.faults.scenarios import (
    clocks,
    crashes,
    crowds,
    database,
    denied,
    disks,
    drain,
    gaps,
    garbage,
    keys,
    load,
    migration,
    order,
    partition,
    readers,
    rotation,
    slow_clients,
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
    *migration.SCENARIOS,
    *crowds.SCENARIOS,
    *slow_clients.SCENARIOS,
    *readers.SCENARIOS,
    *denied.SCENARIOS,
)
