"""The statement over what waits in the inbox, of all tenants."""

from dataclasses import dataclass
from datetime import datetime
from math import nan

from app.db.lane import Lane
from app.kit.clock import Clock
from app.webhooks.completeness import Figures, completeness

_BACKLOG = """
select b.due_since, b.pending, b.parked, b.dead, c.read_to, c.wanted_since, c.last_error, c.held_since, c.waiting,
       c.healed, c.unread
from inbox_backlog($1) b, inbox_completeness($1) c
"""
_WAITS = ("due_since", "pending", "parked", "dead")


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits at an instant, and how complete the inbox is.

    `due_since`: since when the oldest event that a worker could apply has waited; None where there is none. Counts end
    at 10,000.
    """

    at: datetime
    due_since: datetime | None
    pending: int
    parked: int
    dead: int
    figures: Figures

    @property
    def waited(self) -> float:
        """Seconds that the oldest due event has waited; 0 where none does."""
        return _seconds(self.at, self.due_since)

    @property
    def lag(self) -> float:
        """Seconds since the instant up to which the Events API was read; 0 before the first reading."""
        return _seconds(self.at, self.figures.read_to)

    @property
    def incomplete(self) -> float:
        """Seconds since the instant up to which everything that WorkOS lists is applied; NaN where none is known."""
        through = completeness(self.figures).through
        return nan if through is None else _seconds(self.at, through)


class Backlogs:
    """Reads the backlog, in a process of any runtime role."""

    def __init__(self, lane: Lane, clock: Clock) -> None:
        self._lane = lane
        self._clock = clock

    async def now(self) -> Backlog:
        """Return what waits now. Raises what the database raises."""
        at = self._clock.now()
        (row,) = await self._lane.fetch(_BACKLOG, at)
        found = dict(row)
        waits = {name: found.pop(name) for name in _WAITS}
        return Backlog(at=at, figures=Figures(**found), **waits)


def _seconds(at: datetime, since: datetime | None) -> float:
    return 0.0 if since is None else max((at - since).total_seconds(), 0.0)
