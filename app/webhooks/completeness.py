"""Completeness: up to when everything that WorkOS lists has been applied here, and why not further. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HELD_BACK: Final = timedelta(seconds=30)
"""WorkOS lists an event some seconds after it happened (workos.md section 3): so much of a reading is not complete."""
_SMALLEST: Final = timedelta(milliseconds=1)  # what WorkOS's instants are written in
_NEVER_READ: Final = "WorkOS's list of events has not been read yet."
_LOST: Final = "More was missed than WorkOS's list of events tells: {} of the directories must be read whole first."
_WAITING: Final = "An event of {} is not applied yet."
_MISSED: Final = "What happened since {} is read again: a delivery was signed too long ago to be believed."
_NOT_READ: Final = "WorkOS's list could not be read: {}"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the inbox and the last readings of WorkOS's list say at an instant.

    `read_to`: up to when the list was read; None before the first reading. `wanted_since`: what happened since then is
    to be read again. `held_since`: when the oldest event happened that is not applied. Counts end at 10,000. `unread`:
    directories that have to be read whole, for WorkOS's list no longer tells what they missed.
    """

    read_to: datetime | None
    wanted_since: datetime | None
    last_error: str | None
    held_since: datetime | None
    waiting: int
    healed: int
    unread: int


@dataclass(frozen=True, slots=True)
class Completeness:
    """`through`: every event that WorkOS lists up to then is applied; None where that is not known.

    `reason`: in words, why it is not known, or what holds it back; None where it is as near as a reading can be.
    """

    through: datetime | None
    reason: str | None


def completeness(found: Figures) -> Completeness:
    """Return how far the figures prove everything applied.

    It begins with the first reading: what happened before that is what linking an organization lists.
    """
    if found.read_to is None:
        return Completeness(None, _NEVER_READ)
    if found.unread:
        return Completeness(None, _LOST.format(found.unread))
    through, reason = found.read_to - HELD_BACK, None
    if found.last_error:
        reason = _NOT_READ.format(found.last_error)
    if found.wanted_since is not None and found.wanted_since <= through:
        through, reason = found.wanted_since - _SMALLEST, _MISSED.format(_written(found.wanted_since))
    if found.held_since is not None and found.held_since <= through:
        through, reason = found.held_since - _SMALLEST, _WAITING.format(_written(found.held_since))
    return Completeness(through, reason)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
