"""Events about the people of one directory, applied together: whose directory it is, and what became of each event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from uuid import UUID

from app import uow as units
from app.directories import mirror, settling
from app.directories import service as directories
from app.directories.mirror import News, PeoplePayload, Verdict
from app.uow import UnitOfWork
from app.webhooks.judging import MIRROR_WAIT, OLDER, Found, Told, homeless, refusal
from app.webhooks.repository import Claimed, Inbox, Outcome, Owner, Subject
from app.workos import payloads
from app.workos.payloads import Payload

_UNKNOWN: Final = "What it is about is not known here yet."


async def outcomes_of(
    uow: UnitOfWork, told: Sequence[Told], found: Found, platform: str | None
) -> list[tuple[Claimed, Outcome]]:
    """Apply events about people, inside the caller's savepoint, and return what became of each."""
    outcomes: list[tuple[Claimed, Outcome]] = []
    for subject, some in _by_subject(told).items():
        owner = await _owner(uow, subject)
        if isinstance(owner, _Homeless):
            outcomes += [(one.claimed, homeless(one, subject, owner.tenant, gone=owner.gone)) for one in some]
            continue
        refused = [(one.claimed, refusal(owner, subject, attempts=one.claimed.attempts)) for one in some]
        refusals = [(claimed, outcome) for claimed, outcome in refused if outcome is not None]
        if refusals:
            outcomes += refusals
            continue
        found.organization = owner.organization_id
        tenant = await units.enter(uow, owner.organization_id)
        outcomes += await _apply(tenant, subject.object_id, some, found, platform)
    return outcomes


@dataclass(frozen=True, slots=True)
class _Homeless:
    """A directory is not here: whose it would be, and whether it is deleted already."""

    tenant: UUID | None
    gone: bool


async def _owner(uow: UnitOfWork, subject: Subject) -> Owner | _Homeless:
    """Return whose directory it is, or what is known of one that is not here."""
    inbox = Inbox(uow)
    found = await inbox.owner(subject.kind, subject.object_id, subject.organization_id)
    if found is not None:
        return found
    tenant = await _tenant(uow, subject)
    if tenant is None or not await Inbox(await units.enter(uow, tenant)).has_version(subject.object_id):
        return _Homeless(tenant, gone=False)
    # A version and its directory are committed together. One that was connected since the first look is here now;
    # taken for deleted, its people of this very moment would be lost until the next full sync.
    again = await inbox.owner(subject.kind, subject.object_id, subject.organization_id)
    return again or _Homeless(tenant, gone=True)


async def _tenant(uow: UnitOfWork, subject: Subject) -> UUID | None:
    """Return the tenant of the organization that is named beside a directory which is not known here."""
    if subject.organization_id is None:
        return None
    named = await Inbox(uow).owner("organization", subject.organization_id, subject.organization_id)
    return named and named.organization_id


async def _apply(
    uow: UnitOfWork, directory: str, told: Sequence[Told], found: Found, platform: str | None
) -> list[tuple[Claimed, Outcome]]:
    await directories.lock_mirror(uow, wait=MIRROR_WAIT)
    told_by = await directories.told_by(uow, directory)
    if told_by is None:  # it was there when its owner was asked for, and rows of directories stay
        raise LookupError("the directory is gone")
    home, mapping = told_by
    news = [News(one.claimed.event_id, one.at, cast("PeoplePayload", one.change)) for one in told]
    verdicts, known = await mirror.follow(uow, home, news, platform=platform, mapping=mapping)
    found.known |= known
    return [(one.claimed, _outcome(uow, one, verdicts[one.claimed.event_id])) for one in told]


async def forget_erased(uow: UnitOfWork, outcomes: Sequence[tuple[Claimed, Outcome]]) -> None:
    """Empty those of these settled events that tell of somebody who is erased, by the same unit or long before.

    Only once they are settled are they known to be about that person. What waits for somebody's return is kept.
    """
    told: dict[UUID, set[str]] = {}
    for _, outcome in outcomes:
        if outcome.organization and outcome.person and outcome.status != "parked":
            told.setdefault(outcome.organization, set()).add(outcome.person)
    for organization, some in told.items():
        await settling.forget_erased(await units.enter(uow, organization), sorted(some))


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
