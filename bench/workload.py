"""Workload: what is asked, of whom, and how the load generator asks it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Request:
    """One prebuilt request of the load."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: str = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """What the load generator knows about one running target: where it is, and whose cookies and tokens work."""

    origin: str
    cookies: Sequence[str]
    tokens: Sequence[str]
    organization: str


@dataclass(frozen=True, slots=True)
class Workload:
    """One row of the table.

    Args:
        name: for `--only` and the JSON, e.g. `token`.
        title: for people.
        requests: what to ask; the load cycles through the list. Empty for a script that makes its own requests.
        script: file in `bench/load/`.
        variants: other floors of the same workload, measured once at 32 connections, for information.
        unit: what one counted answer is.
    """

    name: str
    title: str
    requests: Callable[[Visitor], list[Request]]
    script: str = "cycle.lua"
    variants: Sequence[str] = ()
    unit: str = "request"
