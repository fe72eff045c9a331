"""Worker in: take the next event that is due, apply it, and say what became of it, in one commit."""

import traceback
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.kit.backoff import full_jitter
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.webhooks import effects, flow, service
from app.webhooks.effects import Parked, Subject
from app.webhooks.repository import Claimed, Inbox, Outcome, Owner
from app.workos import events
from app.workos.fields import Mismatch
from app.workos.records import Event

ATTEMPTS: Final = 8
_FIRST_PAUSE_S: Final = 5.0
_LONGEST_PAUSE_S: Final = 600.0
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_logger = log.get("webhooks")


async def apply_next(begin: Begin) -> bool:
    """Apply the next event that is due, if any; return whether there was one.

    Effect and completion are one commit: a worker that is killed leaves the event due, and nothing half done.
    """
    claimed: Claimed | None = None
    try:
        async with begin() as uow:
            claimed = await Inbox(uow).claim()
            if claimed is None:
                return False
            outcome = await _outcome(uow, claimed)
            await Inbox(uow).finish(claimed, outcome)
    except Exception as error:
        if claimed is not None:
            await _put_off(begin, claimed, error)
        raise
    if outcome.status == "dead":
        _logger.error("webhooks.event.dead", event_id=claimed.event_id, event_type=claimed.event, reason=outcome.fault)
    return True


async def catch_up(runtime: Runtime, begin: Begin) -> bool:
    """Read what WorkOS lists and we have not seen, if it is due; return False, for there is nothing to do at once."""
    await flow.catch_up(runtime, begin)
    return False


async def tidy(uow: UnitOfWork) -> None:
    """Make due what waits for objects that are known by now, and forget what is old enough."""
    await service.release_known(uow)
    await service.purge(uow)


async def _put_off(begin: Begin, claimed: Claimed, error: Exception) -> None:
    """Count an attempt that could not even be written down, lest the same event comes first for ever."""
    async with begin() as uow:
        await Inbox(uow).finish(claimed, _again(uow, claimed, error, None))


async def _outcome(uow: UnitOfWork, claimed: Claimed) -> Outcome:
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
        return _again(uow, claimed, error, owner.organization)


@dataclass(slots=True)
class _Found:
    """Whose event it is, as soon as that is known: an attempt that fails later still belongs to them."""

    organization: UUID | None = None


def _again(uow: UnitOfWork, claimed: Claimed, error: Exception, organization: UUID | None) -> Outcome:
    tries, fault = claimed.attempts + 1, described(error)
    _logger.error("webhooks.event.failed", event_id=claimed.event_id, attempt=tries, fault=fault, where=_where(error))
    if tries >= ATTEMPTS:
        return Outcome("dead", fault, organization, attempts=tries)
    pause = full_jitter(claimed.event_id, tries, base=_FIRST_PAUSE_S, longest=_LONGEST_PAUSE_S)
    return Outcome("pending", fault, organization, attempts=tries, due_at=uow.now + timedelta(seconds=pause))


def described(error: Exception) -> str:
    """Return what went wrong without a word of the event: drivers' messages quote the values of people."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return f"A fault of ours: {type(error).__name__}{f' ({state})' if state else ''}."


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


async def _attempt(uow: UnitOfWork, claimed: Claimed, tries: int, found: _Found) -> Outcome:
    event = events.parse(claimed.payload or b"")
    change = events.read(event)
    effect = effects.effect_of(change)
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
    if await effects.apply(inner, effect, change, at=_instant(event, claimed), event_id=event.id):
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
