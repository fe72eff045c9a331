"""Verbs of the inbox: replay, release, forget."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.audit import service as audit
from app.uow import UnitOfWork
from app.webhooks.errors import EventNotReplayable
from app.webhooks.repository import Inbox

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


async def release(uow: UnitOfWork, objects: Sequence[str]) -> None:
    """Make due what waited for these objects of WorkOS's, because they are known now."""
    await Inbox(uow).release(objects)


async def purge(uow: UnitOfWork) -> None:
    """Empty payloads after 14 days and forget events, and which versions they brought, after 100."""
    await Inbox(uow).purge(payloads_before=uow.now - PAYLOADS_KEPT, events_before=uow.now - EVENTS_KEPT)
