"""Verbs of directories: import what WorkOS lists, follow what its events tell."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from app.audit import service as audit
from app.db.driver import expect_many
from app.directories import runs
from app.directories.models import Directory
from app.directories.repository import Directories
from app.directories.settling import settle
from app.directories.told import Mapped
from app.uow import UnitOfWork
from app.users.attributes import mapping_of
from app.workos import records

_LONGEST_NAME = 256
# WorkOS's state API and its events use different words for the same states.
_STATES = {
    "linked": "linked",
    "active": "linked",
    "validating": "validating",
    "invalid_credentials": "invalid_credentials",
    "unlinked": "unlinked",
    "inactive": "unlinked",
    "deleting": "deleting",
}


async def import_all(
    uow: UnitOfWork, directories: Iterable[records.Directory], *, newer: Collection[str] = ()
) -> Sequence[str]:
    """Make the tenant's directories exactly what a complete listing of WorkOS holds; return the ids of all.

    Those in `newer` are left as they are: something later than the listing is known of them.
    """
    rows = [_row(uow, found) for found in directories if found.id not in newer]
    repository = Directories(uow, uow.tenant)
    await repository.upsert(rows)
    missing = await repository.missing([*(str(row["workos_id"]) for row in rows), *newer])
    await _close(uow, missing, uow.now)
    await runs.request_first(uow)
    return await repository.workos_ids()


async def follow(uow: UnitOfWork, told: records.Directory) -> None:
    """Make the tenant's directory what an event tells, new here or not."""
    row = _row(uow, told)
    await Directories(uow, uow.tenant).upsert([row])
    await runs.request_first(uow)
    await audit.record(uow, "directory.changed", targets=[("directory", told.id)], state=row["state"])


async def note_state(uow: UnitOfWork, directory: str, state: str, *, asked_at: datetime) -> None:
    """Note that WorkOS can no longer read the linked directory with this WorkOS id, or can again; nothing else.

    No event tells it, and it changes nobody's access. `asked_at`: when WorkOS was asked; what is known since stays.
    """
    if await Directories(uow, uow.tenant).note_state(directory, state, asked_at=asked_at):
        await audit.record(uow, "directory.changed", targets=[("directory", directory)], state=state)


async def lock_mirror(uow: UnitOfWork, *, wait: timedelta | None = None) -> None:
    """Keep events, listings and full syncs of the unit's tenant waiting until the unit ends.

    They would otherwise overwrite each other, or wait for each other's rows for ever. `wait`: how long others are
    waited for, here and by every later statement of the unit; as long as a request may when it is None.
    """
    await Directories(uow, uow.tenant).lock_mirror(wait=wait)


async def find(uow: UnitOfWork, workos_id: str) -> Directory | None:
    """Return the tenant's directory with this WorkOS id."""
    return await Directories(uow, uow.tenant).by_workos_id(workos_id)


async def told_by(uow: UnitOfWork, workos_id: str) -> tuple[Directory, Mapped] | None:
    """Return the tenant's directory with this WorkOS id, and which of its attributes feeds which field."""
    found = await Directories(uow, uow.tenant).told_by(workos_id)
    return found and (found[0], mapping_of(found[1]))


async def remove(uow: UnitOfWork, directory: str, *, at: datetime) -> None:
    """Mark the directory with this WorkOS id as deleted, with all that hangs on it (contract.md, `dsync.deleted`).

    Its groups, memberships and roles go and everybody's sessions end; its active people are `unmanaged`.
    """
    found = await find(uow, directory)
    if found is not None and found.state != "deleted":
        await _close(uow, [found.id], at)


async def _close(uow: UnitOfWork, directories: Sequence[UUID], at: datetime) -> None:
    repository = Directories(uow, uow.tenant)
    for closed in directories:
        await expect_many(uow.db)
        workos_id = await repository.mark_deleted(closed)
        people = await repository.release_people(closed, at)
        await settle(uow, people, removed=False, directory_gone=True)
        await audit.record(uow, "directory.deleted", targets=[("directory", workos_id)], people=len(people))


def _row(uow: UnitOfWork, found: records.Directory) -> dict[str, Any]:
    return {
        "id": uow.ids.uuid(),
        "organization_id": uow.tenant,
        "workos_id": found.id,
        "type": found.type,
        "name": found.name[:_LONGEST_NAME],
        "state": _STATES.get(found.state, "unlinked"),
        "created_at": found.created_at,
        "updated_at": found.updated_at,
    }
