"""Faults: what shall go wrong, on which route, how often. Pure bookkeeping; misbehave.py does the deed."""

import re
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Kind = Literal[
    "status", "latency", "trickle", "reset", "redirect", "html", "empty", "garbage", "half_page", "truncated", "json"
]


class Fault(BaseModel):
    """One order for trouble.

    `route` is a method and a path, `*` for any: `POST /sso/token`, `* /connections/{id}`, `GET /directory*`, `* *`.
    `times` counts down (None: until removed), `after` lets that many matching hits pass first. `delay_ms` waits before
    any kind; for `trickle` it is the pause between two bytes. `when` belongs to `reset`: `before` the request is
    worked on, `after` (it took effect, the answer is lost) or `during` (half the answer is sent).
    """

    model_config = ConfigDict(extra="forbid")

    id: int = 0
    route: str = "* *"
    kind: Kind
    status: int | None = Field(default=None, ge=200, le=599)
    delay_ms: int = Field(default=0, ge=0)
    location: str = "http://127.0.0.1:9/"
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)
    times: int | None = Field(default=None, ge=1)
    after: int = Field(default=0, ge=0)
    when: Literal["before", "after", "during"] = "before"

    @field_validator("route")
    @classmethod
    def _has_method_and_path(cls, route: str) -> str:
        if not re.fullmatch(r"(\*|[A-Z]+) (\*|/\S*)", route):
            raise ValueError("a route is a method and a path, such as 'POST /sso/token'")
        return route

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is meant. `{id}` and `*` stand for one or more characters, `*` alone for any path."""
        wanted_method, wanted_path = self.route.split(" ")
        if wanted_method not in ("*", method):
            return False
        parts = re.split(r"\*|\{[^}]*\}", wanted_path)
        return wanted_path == "*" or bool(re.fullmatch(".+".join(map(re.escape, parts)), path))


class FaultBook:
    """The orders in force, in the order they were given; the first that matches and is due wins."""

    def __init__(self) -> None:
        self.orders: list[Fault] = []
        self._given = 0

    def add(self, fault: Fault) -> Fault:
        """Take an order and number it."""
        self._given += 1
        kept = fault.model_copy(update={"id": self._given})
        self.orders.append(kept)
        return kept

    def remove(self, fault_id: int) -> None:
        """Drop one order; nothing happens when it is gone already."""
        self.orders = [order for order in self.orders if order.id != fault_id]

    def clear(self) -> None:
        """Drop all orders."""
        self.orders = []

    def take(self, method: str, path: str) -> Fault | None:
        """Return the fault this hit shall meet, counting it off."""
        for order in [order for order in self.orders if order.matches(method, path)]:
            if order.after > 0:
                order.after -= 1
                continue
            self._count_off(order)
            return order
        return None

    def _count_off(self, order: Fault) -> None:
        if order.times is None:
            return
        order.times -= 1
        if order.times <= 0:
            self.orders.remove(order)
