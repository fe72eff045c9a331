"""Every statement over how far the Events API has been read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.driver import fetch, fetch_one
from app.uow import UnitOfWork

# A reading that was begun and broke off goes on: it counts as begun when it was first, and for what was wanted then.
_LEASE = """
update event_polls set leased_until = $2, read_to = coalesce(read_to, $1),
       reading_begun = case when reading_since is null then $1 else least(reading_begun, $1) end,
       reading_wanted = case when reading_since is null then wanted_since else reading_wanted end
where (leased_until is null or leased_until < $1)
  and (polled_at is null or polled_at <= $3 or (wanted_since is not null and polled_at <= $4))
returning read_to, reading_begun, reading_wanted, reading_since, reading_after
"""
# Only of the reading that this is: another process may have taken over one that stood still, and come to its end.
_PROGRESS = """
update event_polls set leased_until = $1, reading_since = $2, reading_after = $3 where reading_begun = $4
"""
# What was missed while the pages were under way is still wanted.
_READ_UP_TO = """
update event_polls set polled_at = $1, read_to = greatest(least(read_to, $1), $2), leased_until = null,
       last_error = null,
       wanted_since = case when wanted_since is distinct from $3 then wanted_since end,
       reading_begun = null, reading_wanted = null, reading_since = null, reading_after = null
where reading_begun = $2
"""
_READING_FAILED = "update event_polls set polled_at = $1, leased_until = null, last_error = $2"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reading has come: from which instant it asks, and the last event that is kept; None: none yet."""

    since: datetime
    after: str | None


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read the Events API: how far it was read before, and where a reading that broke off goes on."""

    read_to: datetime
    begun: datetime
    wanted_since: datetime | None
    position: Position | None


class EventPolls:
    """How far the Events API has been read, and who reads it now; in the worker's transactions."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lease(self, *, every: timedelta, again_after: timedelta, lasting: timedelta) -> Lease | None:
        """Take the right to read for a while; None when it is not due, or another process has it.

        Due is what was last read `every` ago; where something is missed, `again_after` ago.
        """
        now = self._uow.now
        row = await fetch_one(self._uow.driver, _LEASE, now, now + lasting, now - every, now - again_after)
        if row is None:
            return None
        since = row["reading_since"]
        position = None if since is None else Position(since, row["reading_after"])
        return Lease(row["read_to"], row["reading_begun"], row["reading_wanted"], position)

    async def progress(self, lease: Lease, position: Position, lasting: timedelta) -> None:
        """Note how far the reading has come, and keep the right to go on."""
        until = self._uow.now + lasting
        await fetch(self._uow.driver, _PROGRESS, until, position.since, position.after, lease.begun)

    async def finished(self, lease: Lease) -> None:
        """Note that everything up to the reading's beginning has been read, and give the right back."""
        await fetch(self._uow.driver, _READ_UP_TO, self._uow.now, lease.begun, lease.wanted_since)

    async def failed(self, reason: str) -> None:
        """Note why reading failed; it is due again after its interval, and goes on from where it was."""
        await fetch(self._uow.driver, _READING_FAILED, self._uow.now, reason)

    async def leave(self) -> None:
        """Give the right to read back in the middle of a reading; whoever has it next goes on from where it was."""
        await fetch(self._uow.driver, "update event_polls set leased_until = null")

    async def want_syncs(self) -> None:
        """Have every directory listed anew: only that brings what WorkOS's list of events no longer tells."""
        await fetch(self._uow.driver, "select directories_want_sync($1)", self._uow.now)
