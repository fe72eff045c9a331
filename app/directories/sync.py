"""The full sync: a journey from WorkOS's pages to one transaction.

Groups, people, then the members of each group are read and staged (`fetching.py`). A worker that is killed loses its
lease, and whoever takes the run up goes on where it was. Only a complete listing changes anything.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

from app import log
from app.audit import service as audit
from app.db.driver import expect_many
from app.db.engine import is_unavailable
from app.directories import applying, service
from app.directories.applying import Result
from app.directories.errors import SyncNeedsConfirmation, SyncPlanStale
from app.directories.fetching import LASTING, Fetching, Left, Lost
from app.directories.listing_repository import measure
from app.directories.repository import Directories
from app.directories.staging_repository import Pages
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import Leased, Place, SyncRuns, take
from app.problems import DatabaseUnavailable, Problem
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.users.attributes import mapping_of
from app.workos.errors import UpstreamInvalidResponse, UpstreamUnavailable

_TRIES: Final = 5
_PAUSE: Final = timedelta(seconds=5)
_PATIENCE: Final = timedelta(seconds=60)
"""What was read for minutes is not thrown away because others of the tenant are at work for a moment."""
_MAY_LEAVE: Final = 0.1
"""The share of a directory that may leave while it is read; more is a listing that is not whole."""
_MANY: Final = 1_000
"""People or memberships that are new by one run: more make the tables' statistics worthless."""
_logger = log.get("directories.sync")


class _Planned(Exception):  # noqa: N818 -- named for what happened
    """What a run would change; raised so that the transaction that found out is rolled back."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


async def run_next(runtime: Runtime, begin: Begin, stop: asyncio.Event | None = None) -> bool:
    """Work on the next full sync that is queued or was left behind; return whether there was one.

    Once `stop` is set it is left after the page that is read, and so it is when this is cancelled: what was read stays,
    and any worker may go on with it at once.
    """
    async with begin() as uow:
        leased = await take(uow, LASTING)
    if leased is None:
        return False
    journey = _Journey(runtime, begin, leased)
    try:
        await journey.go(stop)
    except Left:
        await _left(begin, journey)
    except asyncio.CancelledError:
        await _left(begin, journey)
        raise
    except Lost:
        await _cancelled(begin, journey)
    except UpstreamUnavailable as problem:
        await _later(begin, journey, problem)
    except Problem as problem:
        await _failed(begin, journey, problem.code, f"{problem.title} {problem.detail or ''}".strip())
    except Exception as error:
        if is_unavailable(error):
            _logger.warning("directories.sync.interrupted", run_id=str(leased.id), fault=type(error).__name__)
            await _later(begin, journey, DatabaseUnavailable())
            return True
        await _failed(begin, journey, "internal", f"A fault of ours: {type(error).__name__}.")
        raise
    return True


class _Journey:
    """One worker's part of a run; `attempt`: which one it is, None before that is known."""

    def __init__(self, runtime: Runtime, begin: Begin, leased: Leased) -> None:
        self._runtime = runtime
        self._begin = begin
        self.leased = leased
        self.attempt: int | None = None

    async def go(self, stop: asyncio.Event | None) -> None:
        """Read what is left to be read, then apply or plan it. Raises Left once `stop` is set."""
        async with self._begin(self.leased.organization_id) as uow:
            run = await SyncRuns(uow).find(self.leased.id)
            found = run and await Directories(uow, uow.tenant).by_id(run.directory_id)
        if run is None or found is None:
            raise Lost
        directory, written = found
        self.attempt = run.attempts
        if run.phase == "groups" and run.cursor is None and run.pages == 0:
            await self._prepare(run, directory.workos_id, directory.type)
        if run.phase != "applying":
            await Fetching(self._runtime, run, directory.workos_id, mapping_of(written)).go(stop)
        if await self._apply(await self._still_ours(run)) > _MANY:
            await self._measure()

    async def _prepare(self, run: SyncRun, directory: str, kind: str) -> None:
        """Have WorkOS read Google Workspace first, and ask how the directory is and how many people are to come."""
        if "gsuite" in kind or "google" in kind.lower():
            pulled = await self._runtime.workos.request_directory_pull(directory)
            _logger.info("directories.sync.pull_requested", outcome=pulled.outcome)
        asked_at = self._runtime.clock.now()
        found = await self._runtime.workos.get_directory(directory)
        async with self._begin(self.leased.organization_id) as uow:
            await service.note_state(uow, directory, found.state, asked_at=asked_at)
            await SyncRuns(uow).expect(run.id, found.active_users)

    async def _still_ours(self, run: SyncRun) -> SyncRun:
        """Return the run as it is now."""
        async with self._unit() as uow:
            found = await SyncRuns(uow).find(run.id)
        if found is None or found.attempts != run.attempts:
            raise Lost
        return found

    def _unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._begin(self.leased.organization_id)

    async def _apply(self, run: SyncRun) -> int:
        """Apply the run in one transaction; what is only planned, or held by the guard, is rolled back and kept.

        Return how many people and memberships are new.
        """
        try:
            async with self._unit() as uow:
                result = await self._applied(uow, run)
                await applying.keep(uow, run, "completed", result, None)
            return result.changes["users"]["created"] + result.changes["memberships"]["added"]
        except _Planned as planned:
            held = run.mode == "apply"
            error = (SyncNeedsConfirmation.code, SyncNeedsConfirmation.title) if held else None
            async with self._unit() as uow:
                await applying.keep(uow, run, "needs_confirmation" if held else "completed", planned.result, error)
            return 0

    async def _measure(self) -> None:
        """Have the mirror's tables measured anew; the run is done, whatever becomes of this."""
        try:
            async with self._begin() as uow:
                await expect_many(uow.db)
                await measure(uow)
        except Exception as fault:  # noqa: BLE001 -- autovacuum will do it, and the run is not to fail for it
            _logger.warning("directories.sync.not_measured", run_id=str(self.leased.id), fault=type(fault).__name__)

    async def _applied(self, uow: UnitOfWork, run: SyncRun) -> Result:
        await expect_many(uow.db)
        await service.lock_mirror(uow, wait=_PATIENCE)
        if await SyncRuns(uow).progress(run, Place("applying", None, run.group_after), (), lasting=LASTING) is None:
            raise Lost
        await self._require_whole(uow, run)
        result = await applying.apply(uow, run, platform=self._runtime.config.platform_organization)
        if run.confirmed_by is not None:
            if result.fingerprint != run.fingerprint:
                raise SyncPlanStale
        elif run.mode == "plan" or result.held:
            raise _Planned(result)
        return result

    async def _require_whole(self, uow: UnitOfWork, run: SyncRun) -> None:
        """Raise where far fewer are listed than WorkOS itself counted when the run began (threats.md E7)."""
        missing = (run.users_expected or 0) - await Pages(uow, run.id).listed_active()
        if missing > max(1, (run.users_expected or 0) * _MAY_LEAVE):
            raise UpstreamInvalidResponse("WorkOS listed fewer people than it counts in this directory.")


async def _cancelled(begin: Begin, journey: _Journey) -> None:
    async with begin(journey.leased.organization_id) as uow:
        run = await SyncRuns(uow).find(journey.leased.id)
        if run is not None and run.cancel_requested_at is not None:
            await SyncRuns(uow).finish(run.id, "cancelled", attempt=run.attempts)


async def _left(begin: Begin, journey: _Journey) -> None:
    """Give the right to the run back: who comes next would otherwise wait for two minutes."""
    async with begin(journey.leased.organization_id) as uow:
        await SyncRuns(uow).leave(journey.leased.id, attempt=journey.attempt)
    _logger.info("directories.sync.left", run_id=str(journey.leased.id))


async def _later(begin: Begin, journey: _Journey, problem: Problem) -> None:
    """Let the run rest where it is; after five tries in a row that read no page it has failed."""
    async with begin(journey.leased.organization_id) as uow:
        runs = SyncRuns(uow)
        run = await runs.find(journey.leased.id)
        if run is not None and run.failures + 1 < _TRIES:
            await runs.wait(run.id, uow.now + _PAUSE * 2**run.failures, attempt=journey.attempt)
            return
    await _failed(begin, journey, problem.code, f"{problem.title} {problem.detail or ''}".strip())


async def _failed(begin: Begin, journey: _Journey, code: str, said: str) -> None:
    _logger.warning("directories.sync.failed", run_id=str(journey.leased.id), problem=code)
    async with begin(journey.leased.organization_id) as uow:
        if await SyncRuns(uow).finish(journey.leased.id, "failed", attempt=journey.attempt, error=(code, said)):
            named = [("directory_sync_run", journey.leased.id)]
            await audit.record(uow, "directory.sync_failed", targets=named, problem=code)
