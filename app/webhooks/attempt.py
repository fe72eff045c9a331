"""Attempt: one try to apply an event: whose it is, what it changes, and what became of it."""

import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.kit.backoff import full_jitter
from app.uow import UnitOfWork
from app.webhooks.effects import Parked, Subject, apply, effect_of
from app.webhooks.repository import Claimed, Inbox, Outcome, Owner
from app.workos import events
from app.workos.fields import Mismatch
from app.workos.records import Event

ATTEMPTS: Final = 8
_FIRST_PAUSE_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 600.0
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_logger = log.get("webhooks")


@dataclass(slots=True)
class _Found:
    """Whose event it is, as soon as that is known: an attempt that fails later still belongs to them."""

    organization: UUID | None = None


async def outcome_of(uow: UnitOfWork, claimed: Claimed) -> Outcome:
    """Apply an event inside a savepoint and return what became of it; nothing that is wrong with it is raised."""
    tries, owner = claimed.attempts + 1, _Found()
    if claimed.payload is None:
        return Outcome("dead", "Its payload was emptied after 14 days; refresh the organization.", attempts=tries)
    try:
        async with units.attempt(uow) as inner:
            return await _attempt(inner, claimed, tries, owner)
    except Parked as parked:
        return Outcome("parked", str(parked), owner.organization, parked.waits_for, claimed.attempts)
    except Mismatch as fault:
        return Outcome("dead", f"WorkOS's event is not as documented: `{fault.field}`.", attempts=tries)
    except RecursionError:
        return Outcome("dead", "The event is nested too deeply to be read.", attempts=tries)
    except Exception as error:  # noqa: BLE001 -- whatever it is, it must not hold up what comes behind
        return again(uow, claimed, error, owner.organization)


def again(uow: UnitOfWork, claimed: Claimed, error: Exception, organization: UUID | None) -> Outcome:
    """Return when an event that failed is tried again, or that it is dead after eight attempts."""
    tries, fault = claimed.attempts + 1, _described(error)
    _logger.error("webhooks.event.failed", event_id=claimed.event_id, attempt=tries, fault=fault, where=_where(error))
    if tries >= ATTEMPTS:
        return Outcome("dead", fault, organization, attempts=tries)
    pause = full_jitter(claimed.event_id, tries, base=_FIRST_PAUSE_S, longest=_LONGEST_PAUSE_S)
    return Outcome("pending", fault, organization, attempts=tries, due_at=uow.now + timedelta(seconds=pause))


def _described(error: Exception) -> str:
    """Return what went wrong without a word of the event: drivers' messages quote the values of people."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return f"A fault of ours: {type(error).__name__}{f' ({state})' if state else ''}."


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


async def _attempt(uow: UnitOfWork, claimed: Claimed, tries: int, found: _Found) -> Outcome:
    event = events.parse(claimed.payload or b"")
    change = events.read(event)
    effect = effect_of(change)
    if effect is None:
        return Outcome("skipped", f"Events of the type {claimed.event[:80]} change nothing here.", attempts=tries)
    subject = effect.about(change)
    owner = await _owner(uow, subject)
    if owner is None:
        raise Parked(subject.organization_id or subject.object_id, "Its organization is not linked here.")
    if not owner.agrees:
        # Signed or not: what is A's by our own tables and B's by the event is nobody's (threats D19).
        return Outcome("dead", "org_mismatch: the event names another organization than our tables do.", attempts=tries)
    if owner.holders > 1 and subject.organization_id is None:
        return Outcome("dead", "org_ambiguous: several organizations hold it and the event names none.", attempts=tries)
    found.organization = owner.organization_id
    inner = await units.enter(uow, owner.organization_id)
    if await apply(inner, effect, change, at=_instant(event, claimed), event_id=event.id):
        return Outcome("done", None, owner.organization_id, attempts=tries)
    fault = "A newer event about this object was applied before."
    return Outcome("skipped", fault, owner.organization_id, attempts=tries)


def _instant(event: Event, claimed: Claimed) -> datetime:
    """Return when it happened; not later than it came, or nothing that happens until then would count."""
    return min(event.created_at or claimed.received_at, claimed.received_at + _CLOCKS_DIFFER)


async def _owner(uow: UnitOfWork, subject: Subject) -> Owner | None:
    """Return whose object it is by our tables; of an object that is new here, by the organization that it names."""
    inbox = Inbox(uow)
    found = await inbox.owner(subject.kind, subject.object_id, subject.organization_id)
    if found is None and subject.organization_id:
        found = await inbox.owner("organization", subject.organization_id, subject.organization_id)
    return found
