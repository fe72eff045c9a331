"""Verbs of directories: import what WorkOS lists."""

from collections.abc import Iterable

from app.directories.repository import Directories
from app.uow import UnitOfWork
from app.workos import records

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


async def import_all(uow: UnitOfWork, directories: Iterable[records.Directory]) -> int:
    """Make the tenant's directories exactly what a complete listing of WorkOS holds; return how many."""
    rows = [
        {
            "id": uow.ids.uuid(),
            "organization_id": uow.tenant,
            "workos_id": found.id,
            "type": found.type,
            "name": found.name,
            "state": _STATES.get(found.state, "unlinked"),
            "created_at": found.created_at,
            "updated_at": found.updated_at,
        }
        for found in directories
    ]
    repository = Directories(uow, uow.tenant)
    await repository.upsert(rows)
    await repository.mark_missing([str(row["workos_id"]) for row in rows])
    return len(rows)
