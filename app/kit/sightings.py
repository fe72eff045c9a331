"""Sightings: what went well and what went badly lately, as whoever tried it noticed; a process's own, and merged."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

FAILURES: Final = 3
"""So many in a row are no hiccup."""
PATIENCE: Final = timedelta(minutes=1)
"""What goes badly for so long is no hiccup."""
STALE: Final = timedelta(minutes=5)
"""A worker asks WorkOS every 30 seconds: what is so much older says nothing about now."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """When something last went well, and how it went badly since.

    `good_since`: since when it goes well; None while it goes badly. `bad_since`, `bad_at`: the first and the last time
    that it went badly after it last went well, `times` how often, and `why` the last time.
    """

    name: str
    good_at: datetime | None = None
    good_since: datetime | None = None
    bad_since: datetime | None = None
    bad_at: datetime | None = None
    times: int = 0
    why: str | None = None

    @property
    def bad(self) -> bool:
        """Whether it went badly when it was last tried."""
        return self.bad_at is not None

    def lasts(self, at: datetime) -> bool:
        """Whether it goes badly again and again: three times, or twice and for a minute by this instant."""
        if self.bad_since is None:
            return False
        return self.times >= FAILURES or (self.times > 1 and at - self.bad_since >= PATIENCE)


class Sightings:
    """What one process noticed since it last told. Memory is bounded by the names that the code has."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._new: dict[str, Sighting] = {}

    def well(self, name: str) -> None:
        """Note that it went well just now."""
        now = self._now()
        known = self._new.get(name)
        since = known.good_since if known and known.good_since else now
        self._new[name] = Sighting(name, good_at=now, good_since=since)

    def badly(self, name: str, why: str, *, times: int = 1) -> None:
        """Note that it went badly just now, so many times, and why in words that may be shown to operators."""
        now = self._now()
        known = self._new.get(name) or Sighting(name)
        self._new[name] = replace(
            known,
            good_since=None,
            bad_since=known.bad_since or now,
            bad_at=now,
            times=known.times + times,
            why=why,
        )

    def last(self, name: str) -> datetime | None:
        """Return when it was last tried and not told yet."""
        known = self._new.get(name)
        return known and (known.bad_at or known.good_at)

    def untold(self, name: str) -> Sighting:
        """Return what was noticed of it and not told yet."""
        return self._new.get(name) or Sighting(name)

    def take(self) -> Collection[Sighting]:
        """Return what was noticed since this was last asked, and forget it."""
        taken, self._new = self._new, {}
        return taken.values()

    def give_back(self, taken: Iterable[Sighting]) -> None:
        """Keep what could not be told, for the next time."""
        for older in taken:
            newer = self._new.get(older.name)
            self._new[older.name] = merged(older, newer) if newer else older


def merged(known: Sighting, told: Sighting) -> Sighting:
    """Return what two sightings of one thing say together, whichever of them is newer: processes tell late.

    What went badly before it last went well is over.
    """
    good_at = _latest(known.good_at, told.good_at)
    live = [one for one in (known, told) if one.bad_at and (good_at is None or one.bad_at > good_at)]
    if not live:
        return Sighting(known.name, good_at=good_at, good_since=_good_since(known, told))
    begun = [
        one.bad_since if one.bad_since and (not good_at or one.bad_since > good_at) else one.bad_at for one in live
    ]
    bad_at = _latest(*(one.bad_at for one in live))
    last = next(one for one in live if one.bad_at == bad_at)
    return Sighting(
        known.name,
        good_at=good_at,
        bad_since=min(instant for instant in begun if instant),
        bad_at=bad_at,
        times=sum(one.times for one in live),
        why=last.why,
    )


def _good_since(known: Sighting, told: Sighting) -> datetime | None:
    """Return since when it goes well: from before, unless it went badly in between."""
    candidates = [one.good_since for one in (known, told) if one.good_since]
    over = _latest(known.bad_at, told.bad_at)
    after = [instant for instant in candidates if over is None or instant > over]
    return min(after) if after else _latest(known.good_at, told.good_at)


def _latest(*instants: datetime | None) -> datetime | None:
    return max((instant for instant in instants if instant), default=None)
