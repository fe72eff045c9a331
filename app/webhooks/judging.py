"""Judging: what an attempt at events works with, and which of them change nothing from the start. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.webhooks.repository import Claimed, Outcome, Owner, Subject
from app.workos.payloads import Payload

MIRROR_WAIT: Final = timedelta(milliseconds=500)
"""How long events wait for others of their tenant: a full sync takes a minute, and must not hold up other tenants."""
OLDER: Final = "A newer event about this object was applied before."
_UNLINKED: Final = "Its organization is not linked here."
_EARLY: Final = "Its directory is not known here yet."
_GONE: Final = "Its directory is deleted, and was never known here."
_MISMATCH: Final = "org_mismatch: the event names another organization than our tables do."
_AMBIGUOUS: Final = "org_ambiguous: several organizations hold it and the event names none."


@dataclass(slots=True)
class Found:
    """What an attempt has found so far: whose event it is, and what others may wait for (WorkOS's ids).

    Whose it is counts also when the attempt fails later.
    """

    organization: UUID | None = None
    known: set[str] = field(default_factory=set[str])


@dataclass(frozen=True, slots=True)
class Told:
    """A claimed event, what it says, and when it happened."""

    claimed: Claimed
    change: Payload
    at: datetime


def refusal(owner: Owner | None, subject: Subject, *, attempts: int) -> Outcome | None:
    """Return why an event changes nothing: nobody's, or not clearly one tenant's; None for one that may."""
    if owner is None:
        return Outcome("parked", _UNLINKED, None, subject.organization_id or subject.object_id, attempts)
    if not owner.agrees:
        # Signed or not: what is A's by our own tables and B's by the event is nobody's (threats D19).
        return Outcome("dead", _MISMATCH, attempts=attempts + 1)
    if owner.holders > 1 and subject.organization_id is None:
        return Outcome("dead", _AMBIGUOUS, attempts=attempts + 1)
    return None


def homeless(told: Told, subject: Subject, tenant: UUID | None, *, gone: bool) -> Outcome:
    """Return what becomes of an event whose directory is not here: it waits for that, unless that is deleted already.

    For the directory, though its organization may be here: else it would be looked at again every minute.
    """
    if gone:
        return Outcome("skipped", _GONE, tenant, attempts=told.claimed.attempts + 1)
    return Outcome("parked", _EARLY, tenant, subject.object_id, told.claimed.attempts)
