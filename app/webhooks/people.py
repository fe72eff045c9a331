"""Events about the people of one directory, applied together: whose directory it is, and what became of each event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from app import uow as units
from app.directories import mirror
from app.directories import service as directories
from app.directories.mirror import News, PeoplePayload, Verdict
from app.uow import UnitOfWork
from app.webhooks.repository import Claimed, Inbox, Outcome, Owner, Subject
from app.workos import payloads
from app.workos.payloads import Payload

OLDER: Final = "A newer event about this object was applied before."
_UNKNOWN: Final = "What it is about is not known here yet."
_UNLINKED: Final = "Its organization is not linked here."
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


async def outcomes_of(
    uow: UnitOfWork, told: Sequence[Told], found: Found, platform: str | None
) -> list[tuple[Claimed, Outcome]]:
    """Apply events about people, inside the caller's savepoint, and return what became of each."""
    outcomes: list[tuple[Claimed, Outcome]] = []
    for subject, some in _by_subject(told).items():
        owner = await Inbox(uow).owner(subject.kind, subject.object_id, subject.organization_id)
        refused = [(one.claimed, refusal(owner, subject, attempts=one.claimed.attempts)) for one in some]
        if owner is None or refused[0][1] is not None:
            outcomes += [(claimed, outcome) for claimed, outcome in refused if outcome is not None]
            continue
        found.organization = owner.organization_id
        tenant = await units.enter(uow, owner.organization_id)
        outcomes += await _apply(tenant, subject.object_id, some, found, platform)
    return outcomes


async def _apply(
    uow: UnitOfWork, directory: str, told: Sequence[Told], found: Found, platform: str | None
) -> list[tuple[Claimed, Outcome]]:
    await directories.lock_mirror(uow)
    home = await directories.find(uow, directory)
    if home is None:  # it was there when its owner was asked for
        return [
            (one.claimed, Outcome("parked", _UNLINKED, uow.tenant, directory, one.claimed.attempts)) for one in told
        ]
    news = [News(one.claimed.event_id, one.at, cast("PeoplePayload", one.change)) for one in told]
    verdicts, known = await mirror.follow(uow, home, news, platform=platform)
    found.known |= known
    return [(one.claimed, _outcome(uow, one, verdicts[one.claimed.event_id])) for one in told]


def _outcome(uow: UnitOfWork, told: Told, verdict: Verdict) -> Outcome:
    tries, person = told.claimed.attempts + 1, _person(told.change)
    match verdict.outcome:
        case "applied":
            return Outcome("done", None, uow.tenant, attempts=tries, person=person)
        case "older":
            return Outcome("skipped", OLDER, uow.tenant, attempts=tries, person=person)
        case "waits":
            return Outcome(
                "parked", _UNKNOWN, uow.tenant, verdict.waits_for, attempts=told.claimed.attempts, person=person
            )


def _person(change: Payload) -> str | None:
    match change:
        case payloads.UserChanged():
            return change.user.id
        case payloads.UserRemoved() | payloads.MembershipChanged():
            return change.user_id
        case _:
            return None


def _by_subject(told: Sequence[Told]) -> Mapping[Subject, list[Told]]:
    """Return the events by the directory and the organization that they name, in their order."""
    found: dict[Subject, list[Told]] = {}
    for one in told:
        found.setdefault(_subject(one.change), []).append(one)
    return found


def _subject(change: Payload) -> Subject:
    match change:
        case payloads.UserChanged(user=named) | payloads.GroupChanged(group=named):
            return Subject("directory", named.directory_id, named.organization_id)
        case payloads.UserRemoved() | payloads.GroupRemoved() | payloads.MembershipChanged():
            return Subject("directory", change.directory_id, change.organization_id)
        case _:
            raise TypeError("not about people of a directory")
