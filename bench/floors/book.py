"""Book: finds the floors by their files, so that adding a workload is adding a file."""

import importlib
import pkgutil
from collections.abc import Awaitable
from typing import Protocol, cast

import bench.floors
from bench.bars import BARS
from bench.floors.ground import Ground
from bench.floors.wire import Door
from bench.workload import Drain, Workload


class FloorModule(Protocol):
    """What a file of a workload holds: `open_doors` of a Workload, `work` of a Drain."""

    WORKLOAD: Workload | Drain

    def open_doors(self, ground: Ground) -> Awaitable[dict[str, Door]]:
        """Return path -> ASGI callable, everything prepared."""
        ...

    def work(self, ground: Ground) -> Awaitable[None]:
        """Do what lies ready in the database, for ever."""
        ...


def floors() -> dict[str, FloorModule]:
    """Return every floor by its workload's name, in the order of the bars."""
    names = [module.name for module in pkgutil.iter_modules(bench.floors.__path__) if module.name != "__main__"]
    modules = [importlib.import_module(f"bench.floors.{name}") for name in names]
    found = [cast("FloorModule", module) for module in modules if hasattr(module, "WORKLOAD")]
    by_name = {module.WORKLOAD.name: module for module in found}
    order = [*BARS, *by_name]  # a workload without a bar comes last
    return {name: by_name[name] for name in sorted(by_name, key=order.index)}


def floor(name: str) -> FloorModule:
    """Return the floor of this workload; raises KeyError for an unknown name."""
    return floors()[name]
