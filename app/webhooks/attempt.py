"""Attempt: one try to apply events: whose they are, what they change, and what became of each."""

import traceback
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, cast
from uuid import UUID

from app import log
from app import uow as units
from app.db.engine import has_no_room, is_contended
from app.directories.mirror import PeoplePayload
from app.kit.backoff import full_jitter
from app.uow import UnitOfWork
from app.webhooks import people
from app.webhooks.effects import Parked, apply, effect_of
from app.webhooks.judging import OLDER, Found, Told, refusal
from app.webhooks.repository import Claimed, Inbox, Outcome, Owner, Subject
from app.workos import events
from app.workos.fields import Mismatch

ATTEMPTS: Final = 8
_FIRST_PAUSE_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 600.0
_BLAMELESS_S: Final = 3.0
_BUSY: Final = "Others of its organization are being applied; it waits for them."
_NO_ROOM: Final = "The database's disk is full; it waits until there is room."
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_logger = log.get("webhooks")


async def outcomes_of(
    uow: UnitOfWork, claimed: Sequence[Claimed], platform: str | None
) -> tuple[list[tuple[Claimed, Outcome]], set[str]]:
    """Apply events; return what became of each, and WorkOS's ids of what others may have waited for.

    Nothing that is wrong with one is raised. What tells of one directory's people is applied together, inside one
    savepoint; where that fails, each alone, so that one bad event spoils no other. `platform`: WorkOS's id of the
    organization of platform administrators.
    """
    outcomes: list[tuple[Claimed, Outcome]] = []
    together: list[Told] = []
    known: set[str] = set()
    for one in claimed:
        found = _read(one)
        if isinstance(found, Outcome):
            outcomes.append((one, found))
        elif isinstance(found.change, PeoplePayload):
            together.append(found)
        else:
            outcomes.append((one, await _alone(uow, found)))
    outcomes += await _together(uow, together, known, platform)
    return outcomes, known


def again(uow: UnitOfWork, claimed: Claimed, error: Exception, organization: UUID | None) -> Outcome:
    """Return when an event that failed is tried again, or that it is dead after eight attempts.

    One that met others at work, or a full disk, has not failed: it waits, and comes together with those of its
    directory again.
    """
    if (why := _blameless(error)) is not None:
        mark = f"{claimed.stream or claimed.event_id}|{uow.now}"
        due_at = uow.now + timedelta(seconds=full_jitter(mark, 1, base=_BLAMELESS_S, longest=_BLAMELESS_S))
        return Outcome("pending", why, organization, attempts=claimed.attempts, due_at=due_at)
    tries, fault = claimed.attempts + 1, _described(error)
    _logger.error("webhooks.event.failed", event_id=claimed.event_id, attempt=tries, fault=fault, where=_where(error))
    if tries >= ATTEMPTS:
        return Outcome("dead", fault, organization, attempts=tries)
    pause = full_jitter(claimed.event_id, tries, base=_FIRST_PAUSE_S, longest=_LONGEST_PAUSE_S)
    return Outcome("pending", fault, organization, attempts=tries, due_at=uow.now + timedelta(seconds=pause))


def _blameless(error: Exception) -> str | None:
    """Return why the same events will succeed later, in words; None of a failure that may be theirs."""
    if is_contended(error):
        return _BUSY
    return _NO_ROOM if has_no_room(error) else None


def _read(claimed: Claimed) -> Told | Outcome:
    tries = claimed.attempts + 1
    if claimed.payload is None:
        return Outcome("dead", "Its payload was emptied after 14 days; refresh the organization.", attempts=tries)
    try:
        event = events.parse(claimed.payload)
        # Not later than it came, or nothing that happens until then would count.
        at = min(event.created_at or claimed.received_at, claimed.received_at + _CLOCKS_DIFFER)
        return Told(claimed, events.read(event), at)
    except Mismatch as fault:
        return Outcome("dead", f"WorkOS's event is not as documented: `{fault.field}`.", attempts=tries)
    except RecursionError:
        return Outcome("dead", "The event is nested too deeply to be read.", attempts=tries)


async def _together(
    uow: UnitOfWork, told: Sequence[Told], known: set[str], platform: str | None
) -> list[tuple[Claimed, Outcome]]:
    if not told:
        return []
    found = Found()
    try:
        async with units.attempt(uow) as inner:
            outcomes = await people.outcomes_of(inner, told, found, platform)
        known |= found.known
    except Exception as error:  # noqa: BLE001 -- whatever it is, it must not hold up what comes behind
        if len(told) == 1 or _blameless(error) is not None:
            return [(one.claimed, again(uow, one.claimed, error, found.organization)) for one in told]
    else:
        return outcomes
    return [outcome for one in told for outcome in await _together(uow, [one], known, platform)]


async def _alone(uow: UnitOfWork, told: Told) -> Outcome:
    found = Found()
    try:
        async with units.attempt(uow) as inner:
            return await _attempt(inner, told, found)
    except Parked as parked:
        return Outcome("parked", str(parked), found.organization, parked.waits_for, told.claimed.attempts)
    except Exception as error:  # noqa: BLE001 -- as above
        return again(uow, told.claimed, error, found.organization)


async def _attempt(uow: UnitOfWork, told: Told, found: Found) -> Outcome:
    tries = told.claimed.attempts + 1
    effect = effect_of(told.change)
    if effect is None:
        fault = f"Events of the type {told.claimed.event[:80]} change nothing here."
        return Outcome("skipped", fault, attempts=tries)
    subject = effect.about(told.change)
    owner = await _owner(uow, subject)
    refused = refusal(owner, subject, attempts=told.claimed.attempts)
    if owner is None or refused is not None:
        return cast("Outcome", refused)  # without an owner there is always one
    found.organization = owner.organization_id
    inner = await units.enter(uow, owner.organization_id)
    if await apply(inner, effect, told.change, at=told.at, event_id=told.claimed.event_id):
        return Outcome("done", None, owner.organization_id, attempts=tries)
    return Outcome("skipped", OLDER, owner.organization_id, attempts=tries)


async def _owner(uow: UnitOfWork, subject: Subject) -> Owner | None:
    """Return whose object it is by our tables; of an object that is new here, by the organization that it names."""
    inbox = Inbox(uow)
    found = await inbox.owner(subject.kind, subject.object_id, subject.organization_id)
    if found is None and subject.organization_id:
        found = await inbox.owner("organization", subject.organization_id, subject.organization_id)
    return found


def _described(error: Exception) -> str:
    """Return what went wrong without a word of the event: drivers' messages quote the values of people."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return f"A fault of ours: {type(error).__name__}{f' ({state})' if state else ''}."


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""
