"""Place: from where one process looks through the inbox, so that it does not read again what it has applied."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

_BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OVERLAP: Final = timedelta(seconds=1)
"""How much later than others of its instant a delivery may be committed and still be found at once."""
_WHOLE_EVERY: Final = timedelta(seconds=2)
"""What lies before the place waits no longer than this: committed late, or left by a worker that died."""


class Place:
    """How far this process has come in the order in which events are due.

    An index keeps the entry of an applied event until no transaction is older than it: while a report or a dump runs
    for minutes, a look from the beginning reads every event of those minutes.
    """

    def __init__(self) -> None:
        self._reached = _BEGINNING
        self._whole = _BEGINNING

    def since(self, now: datetime) -> datetime:
        """Return from where to look now: from the beginning every two seconds, else from where the last event was."""
        if abs(now - self._whole) >= _WHOLE_EVERY:  # or a clock that was set back would hide what comes from now on
            self._whole = now
            return _BEGINNING
        return self._reached - _OVERLAP

    def reach(self, dues: Sequence[datetime]) -> None:
        """Note when the events that a look has found were due, the earliest first.

        Where that lies before the place, what was passed over behind it comes next.
        """
        if dues:
            self._reached = dues[0]
