"""Worker in: full syncs that are due, the ready JSON of people, and what is old enough to be forgotten."""

from datetime import timedelta
from typing import Final

from app import uow as units
from app.directories import reading_repository as reading
from app.directories import runs
from app.directories.sync_repository import SyncRuns, due
from app.uow import UnitOfWork

_TOMBSTONES_KEPT: Final = timedelta(days=100)
"""Longer than WorkOS tells of events: what is gone must stay gone (contract.md)."""
_PAGES_KEPT: Final = timedelta(days=7)
_AT_ONCE: Final = 2_000


async def queue_due(uow: UnitOfWork) -> None:
    """Queue a full sync of every directory whose turn it is."""
    for organization, directory in await due(uow, every=runs.EVERY, again_after=runs.AGAIN_AFTER):
        tenant = await units.enter(uow, organization)
        await SyncRuns(tenant).queue_once(directory, mode="apply", requested_by="gateway")


async def show(uow: UnitOfWork) -> None:
    """Make ready what lists of people show, for those who have changed; 20,000 at most, the rest has its turn."""
    for _ in range(10):
        if await reading.show(uow, _AT_ONCE) < _AT_ONCE:
            return


async def purge(uow: UnitOfWork) -> None:
    """Forget tombstones after 100 days, and pages of full syncs after a week."""
    await reading.purge(uow, before=uow.now - _TOMBSTONES_KEPT, pages_before=uow.now - _PAGES_KEPT)
