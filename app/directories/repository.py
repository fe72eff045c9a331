"""Every statement over directories."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from app.directories.models import Directory
from app.uow import UnitOfWork


class Directories:
    """Directories of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        self._uow = uow
        self._organization = organization

    async def upsert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or update these directories by WorkOS's id."""
        if not rows:
            return
        incoming = insert(Directory).values(rows)
        await self._uow.db.execute(
            incoming.on_conflict_do_update(
                index_elements=["organization_id", "workos_id"],
                set_={name: incoming.excluded[name] for name in ("type", "name", "state", "updated_at")},
            )
        )

    async def mark_deleted(self, workos_id: str) -> bool:
        """Mark a directory as deleted; return False when the tenant has none of this WorkOS id, or it is already."""
        changed = await self._uow.db.scalar(
            update(Directory)
            .where(
                Directory.organization_id == self._organization,
                Directory.workos_id == workos_id,
                Directory.state != "deleted",
            )
            .values(state="deleted", updated_at=self._uow.now)
            .returning(Directory.id)
        )
        return changed is not None

    async def workos_ids(self) -> Sequence[str]:
        """Return WorkOS's ids of all that the tenant has or had."""
        mine = Directory.organization_id == self._organization
        return (await self._uow.db.scalars(select(Directory.workos_id).where(mine))).all()

    async def mark_missing(self, present: Sequence[str]) -> None:
        """Mark directories that a complete listing no longer holds as deleted."""
        await self._uow.db.execute(
            update(Directory)
            .where(
                Directory.organization_id == self._organization,
                Directory.workos_id.not_in(present),
                Directory.state != "deleted",
            )
            .values(state="deleted", updated_at=self._uow.now)
        )
