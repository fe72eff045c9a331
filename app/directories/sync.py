"""The full sync: a journey from WorkOS's pages to one transaction.

Groups, people, then the members of each group; every page is proven to be one (`app/workos/shapes.py`), staged in a
commit of its own with how far the run is, and read no faster than WorkOS allows. A worker that is killed loses its
lease, and whoever takes the run up goes on at the next page. Only a complete listing changes anything.
"""

from collections import deque
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Final

from app import log
from app.audit import service as audit
from app.db.driver import expect_many
from app.db.engine import is_unavailable
from app.directories import applying, service, told
from app.directories.applying import Result
from app.directories.errors import SyncNeedsConfirmation, SyncPlanStale
from app.directories.repository import Directories
from app.directories.staging_repository import Pages
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import Leased, SyncRuns, take
from app.problems import DatabaseUnavailable, Problem
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.workos.errors import UpstreamInvalidResponse, UpstreamUnavailable

LASTING: Final = timedelta(minutes=2)
_TRIES: Final = 5
_PAUSE: Final = timedelta(seconds=5)
_PATIENCE: Final = timedelta(seconds=60)
"""What was read for minutes is not thrown away because others of the tenant are at work for a moment."""
_MAY_LEAVE: Final = 0.1
"""The share of a directory that may leave while it is read; more is a listing that is not whole."""
_logger = log.get("directories.sync")


class _Lost(Exception):  # noqa: N818 -- named for what happened
    """The run is not ours any more: it was cancelled, or another worker has it."""


class _Planned(Exception):  # noqa: N818 -- as above
    """What a run would change; raised so that the transaction that found out is rolled back."""

    def __init__(self, result: Result) -> None:
        super().__init__()
        self.result = result


async def run_next(runtime: Runtime, begin: Begin) -> bool:
    """Work on the next full sync that is queued or was left behind; return whether there was one."""
    async with begin() as uow:
        leased = await take(uow, LASTING)
    if leased is None:
        return False
    journey = _Journey(runtime, begin, leased)
    try:
        await journey.go()
    except _Lost:
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
        self._groups: deque[str] | None = None

    async def go(self) -> None:
        """Read what is left to be read, then apply or plan it."""
        async with self._begin(self.leased.organization_id) as uow:
            run = await SyncRuns(uow).find(self.leased.id)
            directory = run and await Directories(uow, uow.tenant).by_id(run.directory_id)
        if run is None or directory is None:
            raise _Lost
        self.attempt = run.attempts
        if run.phase == "groups" and run.cursor is None and run.pages == 0:
            await self._prepare(run, directory.workos_id, directory.type)
        while run.phase != "applying":
            run = await self._step(run, directory.workos_id)
        await self._apply(run)

    async def _prepare(self, run: SyncRun, directory: str, kind: str) -> None:
        """Have WorkOS read Google Workspace first, and ask how many people there are to come."""
        if "gsuite" in kind or "google" in kind.lower():
            pulled = await self._runtime.workos.request_directory_pull(directory)
            _logger.info("directories.sync.pull_requested", outcome=pulled.outcome)
        found = await self._runtime.workos.get_directory(directory)
        async with self._begin(self.leased.organization_id) as uow:
            await SyncRuns(uow).expect(run.id, found.active_users)

    async def _step(self, run: SyncRun, directory: str) -> SyncRun:
        """Read one page, stage it and note how far the run is, in one commit; return the run as it is then."""
        match run.phase:
            case "groups":
                await self._read_groups(run, directory)
            case "users":
                await self._read_people(run, directory)
            case _:
                await self._read_members(run, directory)
        async with self._unit() as uow:
            found = await SyncRuns(uow).find(run.id)
        if found is None or found.attempts != run.attempts:
            raise _Lost
        return found

    async def _read_groups(self, run: SyncRun, directory: str) -> None:
        page = await self._runtime.workos.list_directory_groups(directory=directory, after=run.cursor)
        rows = [told.group(one, at=run.started_at or run.created_at) for one in page.items]
        phase = "groups" if page.after else "users"
        async with self._unit() as uow:
            number = await self._move(uow, run, phase=phase, cursor=page.after, groups=len(rows))
            await Pages(uow, run.id).groups(number, rows)

    async def _read_people(self, run: SyncRun, directory: str) -> None:
        page = await self._runtime.workos.list_directory_users(directory=directory, after=run.cursor)
        rows = [told.person(one, at=run.started_at or run.created_at) for one in page.items]
        phase = "users" if page.after else "members"
        async with self._unit() as uow:
            number = await self._move(uow, run, phase=phase, cursor=page.after, users=len(rows))
            await Pages(uow, run.id).people(number, rows)

    async def _read_members(self, run: SyncRun, directory: str) -> None:
        """Read a page of the next group's members; after the last group the listing is complete."""
        if self._groups is None:
            async with self._unit() as uow:
                self._groups = deque(await Pages(uow, run.id).listed_groups(run.group_after))
        if not self._groups:
            async with self._unit() as uow:
                await self._move(uow, run, phase="applying", cursor=None, group_after=run.group_after)
            return
        group = self._groups[0]
        page = await self._runtime.workos.list_directory_users(directory=directory, group=group, after=run.cursor)
        done = run.group_after if page.after else group
        async with self._unit() as uow:
            number = await self._move(uow, run, phase="members", cursor=page.after, group_after=done)
            await Pages(uow, run.id).members(number, group, [one.id for one in page.items])
        if page.after is None:
            self._groups.popleft()

    async def _move(  # noqa: PLR0913 -- as `SyncRuns.progress`
        self,
        uow: UnitOfWork,
        run: SyncRun,
        *,
        phase: str,
        cursor: str | None,
        group_after: str | None = None,
        users: int = 0,
        groups: int = 0,
    ) -> int:
        number = await SyncRuns(uow).progress(
            run, phase=phase, cursor=cursor, group_after=group_after, users=users, groups=groups, lasting=LASTING
        )
        if number is None:
            raise _Lost
        return number

    def _unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._begin(self.leased.organization_id)

    async def _apply(self, run: SyncRun) -> None:
        """Apply the run in one transaction; what is only planned, or held by the guard, is rolled back and kept."""
        try:
            async with self._unit() as uow:
                await applying.keep(uow, run, "completed", await self._applied(uow, run), None)
        except _Planned as planned:
            held = run.mode == "apply"
            error = (SyncNeedsConfirmation.code, SyncNeedsConfirmation.title) if held else None
            async with self._unit() as uow:
                await applying.keep(uow, run, "needs_confirmation" if held else "completed", planned.result, error)

    async def _applied(self, uow: UnitOfWork, run: SyncRun) -> Result:
        await expect_many(uow.db)
        await service.lock_mirror(uow, wait=_PATIENCE)
        await self._move(uow, run, phase="applying", cursor=None, group_after=run.group_after)
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
