"""Verbs of directories: import what WorkOS lists, follow what its events tell."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from app.audit import service as audit
from app.directories.repository import Directories
from app.uow import UnitOfWork
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
    await repository.mark_missing([*(str(row["workos_id"]) for row in rows), *newer])
    return await repository.workos_ids()


async def follow(uow: UnitOfWork, told: records.Directory) -> None:
    """Make the tenant's directory what an event tells, new here or not."""
    row = _row(uow, told)
    await Directories(uow, uow.tenant).upsert([row])
    await audit.record(uow, "directory.changed", targets=[("directory", told.id)], state=row["state"])


async def remove(uow: UnitOfWork, directory: str) -> None:
    """Mark the directory with this WorkOS id as deleted: it decides about nobody any more."""
    if await Directories(uow, uow.tenant).mark_deleted(directory):
        await audit.record(uow, "directory.deleted", targets=[("directory", directory)])


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
