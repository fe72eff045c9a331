"""Verbs of the inbox: replay, release, forget; and what a listing means for events."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.audit import service as audit
from app.uow import UnitOfWork
from app.webhooks.errors import EventNotReplayable
from app.webhooks.repository import Inbox

EVERYTHING: Final = "*"
"""In place of an object's id: the instant of the last whole listing."""
PAYLOADS_KEPT: Final = timedelta(days=14)
EVENTS_KEPT: Final = timedelta(days=100)
"""Longer than WorkOS's own history of 90 days: what it still lists must be recognised (contract.md)."""


async def replay(uow: UnitOfWork, event: UUID) -> None:
    """Apply an event once more, from the first attempt.

    Raises:
        EventNotReplayable: it is due anyway, or its payload is gone.
    """
    if not await Inbox(uow).replay(event):
        raise EventNotReplayable
    await audit.record(uow, "webhook.replayed", targets=[("webhook_event", event)])


async def release_known(uow: UnitOfWork) -> None:
    """Make due what is parked for objects that are known here by now, 10,000 at a time."""
    await Inbox(uow).release_known()


async def newer_than(uow: UnitOfWork, at: datetime) -> set[str]:
    """Return WorkOS's ids of the tenant's objects about which an event of after this instant was applied."""
    return await Inbox(uow).newer_than(at)


async def listed(uow: UnitOfWork, objects: Sequence[str], at: datetime) -> None:
    """Note that the tenant's objects are as WorkOS listed them at this instant: older events change them no more.

    What waited for any of them is due.
    """
    inbox = Inbox(uow)
    await inbox.note_listed([*objects, EVERYTHING], at)
    await inbox.release(objects)


async def purge(uow: UnitOfWork) -> None:
    """Empty payloads after 14 days and forget events, and which versions they brought, after 100."""
    await Inbox(uow).purge(payloads_before=uow.now - PAYLOADS_KEPT, events_before=uow.now - EVENTS_KEPT)
