"""The statement over what waits in the inbox, of all tenants."""

from dataclasses import dataclass
from datetime import datetime

from app.db.lane import Lane
from app.kit.clock import Clock

_BACKLOG = "select due_since, pending, parked, dead, read_to from inbox_backlog($1)"


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at an instant.

    `due_since`: since when the oldest event that a worker could apply has waited; None where there is none. Counts end
    at 10,000. `read_to`: how far the Events API was read; None before the first reading.
    """

    at: datetime
    due_since: datetime | None
    pending: int
    parked: int
    dead: int
    read_to: datetime | None

    @property
    def waited(self) -> float:
        """Seconds that the oldest due event has waited; 0 where none does."""
        return _seconds(self.at, self.due_since)

    @property
    def lag(self) -> float:
        """Seconds since the instant up to which the Events API was read; 0 before the first reading."""
        return _seconds(self.at, self.read_to)


class Backlogs:
    """Reads the backlog, in a process of any runtime role."""

    def __init__(self, lane: Lane, clock: Clock) -> None:
        self._lane = lane
        self._clock = clock

    async def now(self) -> Backlog:
        """Return what waits now. Raises what the database raises."""
        at = self._clock.now()
        (row,) = await self._lane.fetch(_BACKLOG, at)
        return Backlog(at=at, **row)


def _seconds(at: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max((at - since).total_seconds(), 0.0)
