"""Worker in: take the next event that is due, apply it, and say what became of it, in one commit."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.db.engine import is_unavailable
from app.kit.backoff import full_jitter
from app.uow import Begin, UnitOfWork
from app.webhooks import effects, service
from app.webhooks.effects import Parked, Subject
from app.webhooks.repository import Claimed, Inbox, Outcome
from app.workos import events
from app.workos.fields import Mismatch

ATTEMPTS: Final = 8
_FIRST_PAUSE_S: Final = 1.0
_LONGEST_PAUSE_S: Final = 600.0
_logger = log.get("webhooks")


async def apply_next(begin: Begin) -> bool:
    """Apply the next event that is due, if any; return whether there was one.

    Effect and completion are one commit: a worker that is killed leaves the event due, and nothing half done.
    """
    async with begin() as uow:
        claimed = await Inbox(uow).claim()
        if claimed is None:
            return False
        outcome = await _outcome(uow, claimed)
        await Inbox(uow).finish(claimed, outcome)
    if outcome.status == "dead":
        _logger.error("webhooks.event.dead", event_id=claimed.event_id, event_type=claimed.event, reason=outcome.fault)
    return True


async def purge(uow: UnitOfWork) -> None:
    """Forget what is old enough (contract.md)."""
    await service.purge(uow)


async def _outcome(uow: UnitOfWork, claimed: Claimed) -> Outcome:
    tries = claimed.attempts + 1
    try:
        return await _attempt(uow, claimed, tries)
    except Mismatch as fault:
        return Outcome("dead", f"WorkOS's event is not as documented: `{fault.field}`.", attempts=tries)
    except RecursionError:
        return Outcome("dead", "The event is nested too deeply to be read.", attempts=tries)
    except Exception as error:
        if is_unavailable(error):
            raise  # the database is away: that is no fault of the event, and nothing could be written down
        _logger.exception("webhooks.event.failed", event_id=claimed.event_id, attempt=tries)
        return _again(uow, claimed, tries, log.redact(repr(error))[:300])


def _again(uow: UnitOfWork, claimed: Claimed, tries: int, fault: str) -> Outcome:
    if tries >= ATTEMPTS:
        return Outcome("dead", fault, attempts=tries)
    pause = full_jitter(claimed.event_id, tries, base=_FIRST_PAUSE_S, longest=_LONGEST_PAUSE_S)
    return Outcome("pending", fault, attempts=tries, due_at=uow.now + timedelta(seconds=pause))


async def _attempt(uow: UnitOfWork, claimed: Claimed, tries: int) -> Outcome:
    event = events.parse(claimed.payload or b"")
    change = events.read(event)
    effect = effects.effect_of(change)
    if effect is None:
        return Outcome("skipped", f"Events of the type {claimed.event[:80]} change nothing here.", attempts=tries)
    subject = effect.about(change)
    owner = await _owner(uow, subject)
    if owner is None:
        awaited = subject.organization_id or subject.object_id
        return Outcome("parked", "Its organization is not linked here.", waits_for=awaited, attempts=claimed.attempts)
    organization, agrees = owner
    if not agrees:
        # Signed or not: what is A's by our own tables and B's by the event is nobody's (threats D19).
        return Outcome("dead", "org_mismatch: the event names another organization than our tables do.", attempts=tries)
    at = event.created_at or claimed.received_at
    try:
        async with units.attempt(uow, organization) as inner:
            applied = await effects.apply(inner, effect, change, at=at, event_id=event.id)
    except Parked as parked:
        return Outcome("parked", str(parked), organization, parked.waits_for, claimed.attempts)
    if applied:
        return Outcome("done", None, organization, attempts=tries)
    return Outcome("skipped", "A newer event about this object was applied before.", organization, attempts=tries)


async def _owner(uow: UnitOfWork, subject: Subject) -> tuple[UUID, bool] | None:
    """Return whose object it is by our tables; of an object that is new here, by the organization that it names."""
    inbox = Inbox(uow)
    found = await inbox.owner(subject.kind, subject.object_id, subject.organization_id)
    if found is None and subject.organization_id:
        found = await inbox.owner("organization", subject.organization_id, subject.organization_id)
    return found
