"""Events in the order they happened, and where a cursor stands among them."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

KEPT = 100_000


@dataclass(frozen=True, kw_only=True)
class Event:
    """One thing that happened; `data` is the shape it had at that moment. `created_at` is in epoch seconds."""

    id: str
    event: str
    data: dict[str, Any]
    created_at: float
    context: dict[str, Any]
    organization_id: str | None


class EventBook:
    """The last `kept` events, oldest first."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._kept = kept
        self._events: dict[int, Event] = {}
        self._numbers: dict[str, int] = {}
        self._last = 0

    def add(self, event: Event) -> None:
        """Keep an event."""
        self._last += 1
        self._events[self._last] = event
        self._numbers[event.id] = self._last
        forgotten = self._events.pop(self._last - self._kept, None)
        if forgotten:
            del self._numbers[forgotten.id]

    def get(self, event_id: str) -> Event | None:
        """Return an event by its id."""
        number = self._numbers.get(event_id)
        return None if number is None else self._events[number]

    def after(self, event_id: str | None) -> Iterator[Event]:
        """Walk over the events that came after one; over all without one. Raises `KeyError` for an unknown id."""
        known = self._last - len(self._events) if event_id is None else self._numbers[event_id]
        return (self._events[number] for number in range(known + 1, self._last + 1))

    def last(self, count: int) -> list[Event]:
        """Return the newest events, newest first."""
        return [self._events[number] for number in islice(reversed(self._events), count)]

    def __len__(self) -> int:
        return len(self._events)
