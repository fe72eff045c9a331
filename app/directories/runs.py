"""Verbs of full syncs: ask for one, confirm what it planned, cancel it, and what is due."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from app.audit import service as audit
from app.directories.errors import DirectoryNotLinked, SyncAlreadyRunning, SyncEnded, SyncNotConfirmable, SyncPlanStale
from app.directories.models import Directory
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import SyncRuns
from app.uow import UnitOfWork

EVERY: Final = timedelta(hours=6)
"""How often every linked directory is compared with WorkOS's own listing (workos.md section 3)."""
AGAIN_AFTER: Final = timedelta(minutes=15)
_LINKED: Final = frozenset({"linked", "validating", "invalid_credentials"})


async def request(uow: UnitOfWork, directory: Directory, *, mode: str) -> UUID:
    """Queue a full sync of the unit's tenant's directory; return the run's id.

    Raises:
        DirectoryNotLinked: there is nothing to read.
        SyncAlreadyRunning: one is under way; `run_id` names it.
    """
    if directory.state not in _LINKED:
        raise DirectoryNotLinked
    runs = SyncRuns(uow)
    queued = await runs.queue_once(directory.id, mode=mode, requested_by=uow.actor.id)
    if queued is None:
        raise SyncAlreadyRunning(run_id=str(await runs.under_way(directory.id)))
    await audit.record(uow, "directory.sync_requested", targets=[("directory", directory.id)], mode=mode)
    return queued


async def request_first(uow: UnitOfWork) -> None:
    """Queue a full sync of each linked directory of the unit's tenant that was never read."""
    runs = SyncRuns(uow)
    for directory in await runs.never_read():
        await runs.queue_once(directory, mode="apply", requested_by="gateway")


async def confirm(uow: UnitOfWork, run: SyncRun) -> None:
    """Have a plan, or a run that was held, applied exactly as it was shown.

    Raises:
        SyncNotConfirmable: it waits for nobody's yes.
        SyncPlanStale: a newer run has read the directory since.
        SyncAlreadyRunning: another run is under way.
    """
    planned = run.mode == "plan" and run.status == "completed" and run.confirmed_by is None
    if not planned and run.status != "needs_confirmation":
        raise SyncNotConfirmable
    runs = SyncRuns(uow)
    await _require_free(runs, run.directory_id)
    # A run that is being asked for at this moment is waited for, and the next one waits: two cannot take the slot.
    await runs.hold_slot(run.directory_id)
    await _require_free(runs, run.directory_id)
    if not await runs.confirm(run.id, uow.actor.id):
        raise SyncPlanStale
    await audit.record(uow, "directory.sync_confirmed", targets=[("directory_sync_run", run.id)])


async def _require_free(runs: SyncRuns, directory: UUID) -> None:
    if under_way := await runs.under_way(directory):
        raise SyncAlreadyRunning(run_id=str(under_way))


async def cancel(uow: UnitOfWork, run: SyncRun) -> None:
    """Stop a run; one that is reading stops before its next page, and changes nothing.

    Raises:
        SyncEnded: it has ended already.
    """
    if not await SyncRuns(uow).cancel(run.id):
        raise SyncEnded
    await audit.record(uow, "directory.sync_cancelled", targets=[("directory_sync_run", run.id)])
