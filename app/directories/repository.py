"""Every statement over directories."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, null, select
from sqlalchemy.dialects.postgresql import insert

from app.db.driver import fetch
from app.directories.mirror_repository import EMPTY_GROUPS
from app.directories.models import Directory
from app.organizations.models import OrganizationPolicy
from app.uow import UnitOfWork

_AWAY = ("unlinked", "deleting", "deleted")
_LOCK = "select pg_advisory_xact_lock(hashtextextended('mirror|' || $1::text, 0))"
# A directory decides roles once a full sync has read it, as long as it is linked; `y` is its row.
DECIDES = "y.last_synced_at is not null and y.state not in ('unlinked', 'deleting', 'deleted')"
_MARK_DELETED = """
update directories set state = 'deleted', updated_at = $3 where organization_id = $1 and id = $2 returning workos_id
"""
_LINKED = "('linked', 'validating', 'invalid_credentials')"
_MOVED = f"""
select d.organization_id, d.workos_id, t.state from directories d
join unnest($1::text[], $2::text[]) as t (workos_id, state) using (workos_id)
where d.state in {_LINKED} and t.state in {_LINKED} and d.state <> t.state
"""  # noqa: S608 -- words of ours
# What is not linked is not linked by this: it would decide roles before it was read whole again. What was told after
# WorkOS was asked is newer than its answer.
_NOTE_STATE = f"""
update directories set state = $3, updated_at = $4
where organization_id = $1 and workos_id = $2 and state in {_LINKED} and $3 in {_LINKED} and state <> $3
  and updated_at <= $5
returning id
"""  # noqa: S608 -- words of ours
# Versions stay: events of a directory that is gone count for nothing anyway, and it may be listed again.
_CLOSE_GROUPS = """
update directory_groups g set state = 'deleted', role = null, rule_position = null, touched_at = $3
where g.organization_id = $1 and g.directory_id = $2 and g.state <> 'deleted' returning g.id
"""
# Those who were removed before stay removed. Their versions stay too: by them what is told later of before is judged.
_RELEASE_PEOPLE = """
update directory_users d
set state = case when d.state = 'active' then 'unmanaged' else d.state end, gone_at = greatest(d.gone_at, $4),
    touched_at = $3
where d.organization_id = $1 and d.directory_id = $2
returning d.id
"""


async def moved_away(uow: UnitOfWork, told: Mapping[str, str]) -> list[tuple[UUID, str, str]]:
    """Return which linked directories WorkOS tells in another linked state: organization, WorkOS's id, its new state.

    `told`: states by WorkOS's ids. The unit is of no organization: all of them are looked through.
    """
    rows = await fetch(uow.driver, _MOVED, list(told), list(told.values()))
    return [(row["organization_id"], row["workos_id"], row["state"]) for row in rows]


class Directories:
    """Directories of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        self._uow = uow
        self._organization = organization

    async def upsert(self, rows: Sequence[dict[str, Any]]) -> None:
        """Insert or update these directories by WorkOS's id.

        One that was away and is linked again decides nothing before it was read whole once more: what it said of roles
        has been overruled by sign-ins since.
        """
        if not rows:
            return
        incoming = insert(Directory).values(rows)
        back = Directory.state.in_(_AWAY) & incoming.excluded["state"].not_in(_AWAY)
        changes: dict[str, Any] = {
            **{name: incoming.excluded[name] for name in ("type", "name", "state", "updated_at")},
            "last_synced_at": case((back, null()), else_=Directory.last_synced_at),
            "sync_wanted_at": case((back, self._uow.now), else_=Directory.sync_wanted_at),
        }
        await self._uow.db.execute(
            incoming.on_conflict_do_update(index_elements=["organization_id", "workos_id"], set_=changes)
        )

    async def by_workos_id(self, workos_id: str) -> Directory | None:
        """Return the directory with this WorkOS id, deleted ones too."""
        mine = Directory.organization_id == self._organization
        return await self._uow.db.scalar(select(Directory).where(mine, Directory.workos_id == workos_id))

    async def told_by(self, workos_id: str) -> tuple[Directory, str | None] | None:
        """Return the same, and the tenant's own attribute mapping as it is written, None for the default one.

        In one statement: it is asked for every batch of events.
        """
        return await self._with_mapping(Directory.workos_id == workos_id)

    async def by_id(self, directory: UUID) -> tuple[Directory, str | None] | None:
        """Return the directory with this id, and the tenant's own attribute mapping, as `told_by`."""
        return await self._with_mapping(Directory.id == directory)

    async def _with_mapping(self, wanted: ColumnElement[bool]) -> tuple[Directory, str | None] | None:
        policy = OrganizationPolicy.organization_id == Directory.organization_id
        found = await self._uow.db.execute(
            select(Directory, OrganizationPolicy.attribute_mappings)
            .join(OrganizationPolicy, policy)
            .where(Directory.organization_id == self._organization, wanted)
        )
        row = found.one_or_none()
        return None if row is None else (row[0], row[1])

    async def lock_mirror(self, *, wait: timedelta | None) -> None:
        """Keep every other unit that changes the tenant's mirror waiting until this one ends (events, listings).

        `wait`: how long this one, and each statement after it, waits for others; None as long as the connection's
        limit says.
        """
        if wait is not None:
            milliseconds = f"{wait.total_seconds() * 1000:.0f}ms"
            await fetch(self._uow.driver, "select set_config('lock_timeout', $1, true)", milliseconds)
        await fetch(self._uow.driver, _LOCK, str(self._organization))

    async def note_state(self, workos_id: str, state: str, *, asked_at: datetime) -> bool:
        """Give a linked directory another state in which it is linked, unless something newer is known of it.

        Returns whether it has another state now.
        """
        told = (self._organization, workos_id, state, self._uow.now, asked_at)
        return bool(await fetch(self._uow.driver, _NOTE_STATE, *told))

    async def mark_deleted(self, directory: UUID) -> str:
        """Mark a directory as deleted and return its WorkOS id."""
        rows = await fetch(self._uow.driver, _MARK_DELETED, self._organization, directory, self._uow.now)
        return str(rows[0]["workos_id"])

    async def release_people(self, directory: UUID, at: datetime) -> list[UUID]:
        """Delete a directory's groups and memberships and let its active people go; return all its directory users."""
        groups = await fetch(self._uow.driver, _CLOSE_GROUPS, self._organization, directory, self._uow.now)
        closed = [row["id"] for row in groups]
        await fetch(self._uow.driver, EMPTY_GROUPS, self._organization, closed, self._uow.now)
        rows = await fetch(self._uow.driver, _RELEASE_PEOPLE, self._organization, directory, self._uow.now, at)
        return [row["id"] for row in rows]

    async def workos_ids(self) -> Sequence[str]:
        """Return WorkOS's ids of all that the tenant has or had."""
        mine = Directory.organization_id == self._organization
        return (await self._uow.db.scalars(select(Directory.workos_id).where(mine))).all()

    async def missing(self, present: Sequence[str]) -> Sequence[UUID]:
        """Return the directories that a complete listing no longer holds and that are not deleted yet."""
        return (
            await self._uow.db.scalars(
                select(Directory.id).where(
                    Directory.organization_id == self._organization,
                    Directory.workos_id.not_in(present),
                    Directory.state != "deleted",
                )
            )
        ).all()
