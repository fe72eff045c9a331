"""FrozenClock: time that stands still until a test moves it."""

import time
from datetime import UTC, datetime, timedelta


class FrozenClock:
    """Implements Clock. It ticks a microsecond per look, so that two instants of one test differ.

    It starts on a whole millisecond: instants go over the wire in those, and a test that compares one would otherwise
    fail whenever the ticks between happen to cross into the next.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime.fromtimestamp(int(time.time() * 1000) / 1000, UTC)  # noqa: TID251 -- a test's clock has to start somewhere

    def now(self) -> datetime:
        self._now += timedelta(microseconds=1)
        return self._now

    def advance(self, **delta: float) -> None:
        """Move on by a timedelta's arguments (`minutes=11`)."""
        self._now += timedelta(**delta)
