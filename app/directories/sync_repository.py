"""Every statement over runs of full syncs and the pages that they have read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select
from sqlalchemy.orm import defer

from app.db.driver import fetch, fetch_one
from app.db.repository import PageRequest, Slice, read_page
from app.directories.staging_repository import StagedPage
from app.directories.sync_models import SyncRun
from app.uow import UnitOfWork

_json = msgspec.json.Encoder().encode
_QUEUE = """
insert into directory_sync_runs (id, organization_id, directory_id, mode, status, requested_by, created_at)
values ($2, $1, $3, $4, 'queued', $5, $6) on conflict do nothing returning id
"""
_RUNNING = """
select id from directory_sync_runs where organization_id = $1 and directory_id = $2 and status in ('queued', 'running')
"""
# A directory that has never been read is to be read once; whoever lists it again asks for nothing more.
_NEVER_READ = """
select d.id from directories d
where d.organization_id = $1 and d.state in ('linked', 'validating', 'invalid_credentials')
  and not exists (select 1 from directory_sync_runs r where r.organization_id = $1 and r.directory_id = d.id)
"""
# Nobody's page counts but that of the worker that holds the run: a slow one may have lost it meanwhile.
_PROGRESS = """
update directory_sync_runs
set phase = $4, cursor = $5, group_after = $6, pages = pages + $10, users_seen = users_seen + $7,
    groups_seen = groups_seen + $8, leased_until = $9,
    failures = case when $10 > 0 then 0 else failures end
where organization_id = $1 and id = $2 and attempts = $3 and status = 'running' and cancel_requested_at is null
returning pages
"""
_FINISH = """
update directory_sync_runs
set status = $3, finished_at = $4, error_code = $5, error = $6, changes = coalesce($7::jsonb, changes),
    plan = coalesce($8::jsonb, plan), fingerprint = coalesce($9, fingerprint), leased_until = null
where organization_id = $1 and id = $2 and status = 'running' and attempts = coalesce($10, attempts)
returning id
"""
_WAIT = """
update directory_sync_runs set leased_until = $3, failures = failures + 1
where organization_id = $1 and id = $2 and status = 'running' and attempts = coalesce($4, attempts)
"""
_LEAVE = """
update directory_sync_runs set leased_until = $3
where organization_id = $1 and id = $2 and status = 'running' and attempts = coalesce($4, attempts)
"""
_CONFIRM = """
update directory_sync_runs r
set status = 'queued', confirmed_by = $3, finished_at = null, error_code = null, error = null
where r.organization_id = $1 and r.id = $2
  and (r.status = 'needs_confirmation' or (r.mode = 'plan' and r.status = 'completed' and r.confirmed_by is null))
  and not exists (select 1 from directory_sync_runs n where n.organization_id = $1 and n.directory_id = r.directory_id
                  and n.id > r.id)
returning r.id
"""
_CANCEL = """
update directory_sync_runs
set cancel_requested_at = $3,
    status = case when status in ('queued', 'needs_confirmation') then 'cancelled' else status end,
    finished_at = case when status in ('queued', 'needs_confirmation') then $3 else finished_at end
where organization_id = $1 and id = $2 and status in ('queued', 'running', 'needs_confirmation')
returning id
"""


@dataclass(frozen=True, slots=True)
class Leased:
    """The right to work on a run: whose it is, and by which attempt."""

    id: UUID
    organization_id: UUID


@dataclass(frozen=True, slots=True)
class Place:
    """How far a run's reading is: what of, WorkOS's cursor there, and the last group whose members are all read."""

    phase: str
    cursor: str | None = None
    group_after: str | None = None


class SyncRuns:
    """Full syncs of one tenant's directories."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def queue_once(self, directory: UUID, *, mode: str, requested_by: str) -> UUID | None:
        """Queue a run; return its id, None when one of this directory is under way."""
        values = (self._uow.ids.uuid(), directory, mode, requested_by, self._uow.now)
        row = await fetch_one(self._uow.driver, _QUEUE, self._uow.tenant, *values)
        return None if row is None else row["id"]

    async def under_way(self, directory: UUID) -> UUID | None:
        """Return the run of this directory that is queued or running."""
        row = await fetch_one(self._uow.driver, _RUNNING, self._uow.tenant, directory)
        return None if row is None else row["id"]

    async def hold_slot(self, directory: UUID) -> None:
        """Keep every new run of this directory waiting until the unit ends; it refers to the directory's row."""
        statement = "select 1 from directories where organization_id = $1 and id = $2 for update"
        await fetch(self._uow.driver, statement, self._uow.tenant, directory)

    async def never_read(self) -> list[UUID]:
        """Return the tenant's linked directories of which there is no run at all."""
        return [row["id"] for row in await fetch(self._uow.driver, _NEVER_READ, self._uow.tenant)]

    async def find(self, run: UUID) -> SyncRun | None:
        """Return a run."""
        mine = SyncRun.organization_id == self._uow.tenant
        return await self._uow.db.scalar(select(SyncRun).where(mine, SyncRun.id == run))

    async def progress(
        self, run: SyncRun, place: Place, read: Sequence[StagedPage], *, lasting: timedelta
    ) -> int | None:
        """Note how far a run is and keep the right to it; return its pages, None when it is not ours any more."""
        seen = Counter[str]()
        for page in read:
            seen[page.kind] += len(page.ids)
        row = await fetch_one(
            self._uow.driver,
            _PROGRESS,
            self._uow.tenant,
            run.id,
            run.attempts,
            place.phase,
            place.cursor,
            place.group_after,
            seen["user"],
            seen["group"],
            self._uow.now + lasting,
            len(read),
        )
        return None if row is None else row["pages"]

    async def expect(self, run: UUID, users: int | None) -> None:
        """Note how many active people WorkOS says there are."""
        statement = "update directory_sync_runs set users_expected = $3 where organization_id = $1 and id = $2"
        await fetch(self._uow.driver, statement, self._uow.tenant, run, users)

    async def finish(  # noqa: PLR0913 -- each is a column
        self,
        run: UUID,
        status: str,
        *,
        attempt: int | None,
        error: tuple[str, str] | None = None,
        changes: Mapping[str, Any] | None = None,
        plan: Sequence[Mapping[str, Any]] | None = None,
        fingerprint: str | None = None,
    ) -> bool:
        """Write down how a run ended, or that it waits for a yes; False where a later attempt has it by now."""
        row = await fetch_one(
            self._uow.driver,
            _FINISH,
            self._uow.tenant,
            run,
            status,
            self._uow.now,
            error and error[0],
            error and error[1],
            None if changes is None else _json(changes).decode(),
            None if plan is None else _json(plan).decode(),
            fingerprint,
            attempt,
        )
        return row is not None

    async def wait(self, run: UUID, until: datetime, *, attempt: int | None) -> None:
        """Let a run that could not go on rest until then; whoever takes it up goes on where it was."""
        await fetch(self._uow.driver, _WAIT, self._uow.tenant, run, until, attempt)

    async def leave(self, run: UUID, *, attempt: int | None) -> None:
        """Give back the right to a run that is not at its end; nothing has failed."""
        await fetch(self._uow.driver, _LEAVE, self._uow.tenant, run, self._uow.now, attempt)

    async def confirm(self, run: UUID, by: str) -> bool:
        """Queue a run once more, to be applied as it was planned; False when a newer run, or a yes, was there first."""
        return await fetch_one(self._uow.driver, _CONFIRM, self._uow.tenant, run, by) is not None

    async def cancel(self, run: UUID) -> bool:
        """Ask a run to stop; False when it has ended."""
        return await fetch_one(self._uow.driver, _CANCEL, self._uow.tenant, run, self._uow.now) is not None


class _Readable:
    def __init__(self, uow: UnitOfWork, scoped: Select[SyncRun]) -> None:
        self._uow = uow
        self._scoped = scoped

    async def page(self, directory: UUID, page: PageRequest[UUID]) -> Slice[SyncRun]:
        """Return a page of a directory's runs, without their plans."""
        found = self._scoped.where(SyncRun.directory_id == directory).options(defer(SyncRun.plan, raiseload=True))
        return await read_page(self._uow.db, found, SyncRun.id, page)

    async def find(self, directory: UUID, run: UUID) -> SyncRun | None:
        """Return a run of a directory, with its plan."""
        return await self._uow.db.scalar(self._scoped.where(SyncRun.directory_id == directory, SyncRun.id == run))


class RunsOfTenant(_Readable):
    """Full syncs of one tenant's directories, to be read."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        super().__init__(uow, select(SyncRun).where(SyncRun.organization_id == organization))


class UnscopedRuns(_Readable):
    """Full syncs of every tenant's directories, for platform admins; on a pool whose role may only read."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, select(SyncRun))


def readable(uow: UnitOfWork) -> _Readable:
    """Return what this unit may read: its tenant's runs, or every tenant's in an unscoped unit."""
    return UnscopedRuns(uow) if uow.organization is None else RunsOfTenant(uow, uow.organization)


async def take(uow: UnitOfWork, lasting: timedelta) -> Leased | None:
    """Take the next run that is queued, or whose worker is gone, for a while; in a unit of no tenant."""
    row = await fetch_one(uow.driver, "select id, organization_id from syncs_take($1, $2)", uow.now, uow.now + lasting)
    return None if row is None else Leased(row["id"], row["organization_id"])


async def due(uow: UnitOfWork, *, every: timedelta, again_after: timedelta) -> list[tuple[UUID, UUID]]:
    """Return (tenant, directory) of those whose full sync is due; in a unit of no tenant."""
    rows = await fetch(
        uow.driver,
        "select organization_id, directory_id from syncs_due($1, $2, $3)",
        uow.now,
        uow.now - every,
        uow.now - again_after,
    )
    return [(row["organization_id"], row["directory_id"]) for row in rows]
