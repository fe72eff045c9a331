"""Workload: what is asked of a server, or left ready for a worker, and how that is measured."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import asyncpg

from bench.world import Person, Row, sample

if TYPE_CHECKING:
    Connection = asyncpg.Connection[asyncpg.Record]
else:  # generic in their stubs only
    Connection = asyncpg.Connection

Tables = Iterable[tuple[str, tuple[str, ...], list[Row]]]


def _nothing() -> Tables:
    return ()


@dataclass(frozen=True, slots=True)
class Request:
    """One prebuilt request of the load."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the load generator knows about one running target: where it is, and whose cookies and tokens work.

    `seconds` is how long the run is that requests are made for.
    """

    origin: str
    cookies: Sequence[str]
    tokens: Sequence[str]
    organization: str
    seconds: float = 1


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the table that a load generator makes.

    Args:
        name: for `--only` and the JSON, e.g. `token`.
        title: for people.
        requests: what to ask; the load cycles through the list. Empty for a script that makes its own requests.
        script: file in `bench/load/`.
        variants: other floors of the same workload, measured once at 32 connections, for information.
        unit: what one counted answer is.
        callers: returns so many people whose cookies and tokens the load carries.
        rows: what it needs in every target's database beyond `bench/world.py`.
        once: each request is good for one time, so they are made anew for each run, and sending one twice is a fault.
        clears: tables emptied before a target is started.
        kept: SQL that counts what the answers promised to have kept; fewer than answers is a fault.
    """

    name: str
    title: str
    requests: Callable[[Visitor], list[Request]]
    script: str = "cycle.lua"
    variants: Sequence[str] = ()
    unit: str = "request"
    callers: Callable[[int], list[Person]] = sample
    rows: Callable[[], Tables] = _nothing
    once: bool = False
    clears: Sequence[str] = ()
    kept: str = ""


class Named(Protocol):
    """All that a drain needs to know of a target to lay its work ready."""

    @property
    def name(self) -> str:
        """Its name in the table."""
        ...


@dataclass(frozen=True, slots=True)
class Phase:
    """One line of a drain: work is laid ready, and timed until nothing is left of it.

    Args:
        name: for the table and the JSON.
        fill: lays the work ready and returns of how many units it is.
        unchanged: tables of which no row may be written meanwhile.
    """

    name: str
    fill: Callable[[Connection, Named], Awaitable[int]]
    unchanged: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Drain:
    """A workload without requests: work lies ready in the database, one worker process does it.

    Args:
        name: for `--only`.
        title: for people.
        phases: what is timed, one after the other, by the same process.
        left: SQL, true while work is left.
        began: SQL, when the worker took up the work: how long it slept before is not measured.
        undone: SQL, counts what ended otherwise than done.
        why: SQL, the reason in words where something is undone.
        prime: a first fill that is not measured: statements get prepared, caches warm.
        rows: as of a Workload.
        clears: tables emptied before each phase.
        variants: other floors, run once.
        unit: what is counted.
        timed: show seconds instead of units per second.
        anew: make the database anew before each run.
        busy: SQL, true while the target still does in the background what the work left behind; the next phase waits.
    """

    name: str
    title: str
    phases: Sequence[Phase]
    left: str
    began: str
    undone: str
    prime: Callable[[Connection, Named], Awaitable[int]] | None = None
    rows: Callable[[], Tables] = _nothing
    clears: Sequence[str] = ()
    variants: Sequence[str] = ()
    unit: str = "event"
    timed: bool = False
    anew: bool = False
    busy: str = ""
    why: str = ""
