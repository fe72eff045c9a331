"""Clock: the one place that asks what time it is."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the gateway may know of time."""

    def now(self) -> datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The process's time plus the database's offset, so that all processes agree.

    Two processes whose machines disagree would otherwise disagree about whether a session is alive.
    """

    def __init__(self) -> None:
        self.offset = timedelta()

    def now(self) -> datetime:
        """Return the present instant in UTC, corrected by the last offset set."""
        return datetime.fromtimestamp(time.time(), UTC) + self.offset  # noqa: TID251 -- the one clock

    def agree_with(self, instant: datetime) -> None:
        """Correct the offset so that `now()` equals `instant` at this moment."""
        self.offset = instant - datetime.fromtimestamp(time.time(), UTC)  # noqa: TID251 -- the one clock
