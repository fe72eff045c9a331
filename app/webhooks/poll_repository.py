"""Every statement over how far the Events API has been read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.db.driver import fetch, fetch_one
from app.uow import UnitOfWork

_LEASE = """
update event_polls set leased_until = $2, read_to = coalesce(read_to, $1)
where (leased_until is null or leased_until < $1)
  and (polled_at is null or polled_at <= $3 or (wanted_since is not null and polled_at <= $4))
returning read_to, wanted_since
"""
# What was missed while the page was under way is still wanted.
_READ_UP_TO = """
update event_polls set polled_at = $1, read_to = greatest(least(read_to, $1), $2), leased_until = null,
       last_error = null,
       wanted_since = case when wanted_since is distinct from $3 then wanted_since end
"""
_READING_FAILED = "update event_polls set polled_at = $1, leased_until = null, last_error = $2"


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to read the Events API, and how far it was read before."""

    read_to: datetime
    wanted_since: datetime | None


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
        return None if row is None else Lease(row["read_to"], row["wanted_since"])

    async def prolong(self, lasting: timedelta) -> None:
        """Keep the right: a page has been read, and there are more."""
        await fetch(self._uow.driver, "update event_polls set leased_until = $1", self._uow.now + lasting)

    async def read_up_to(self, instant: datetime, lease: Lease) -> None:
        """Note that everything up to this instant has been read, and give the right back."""
        await fetch(self._uow.driver, _READ_UP_TO, self._uow.now, instant, lease.wanted_since)

    async def failed(self, reason: str) -> None:
        """Note why reading failed; it is due again after its interval."""
        await fetch(self._uow.driver, _READING_FAILED, self._uow.now, reason)
