"""Every statement by which directories, their people and groups are read by people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import load_only

from app.db.driver import fetch
from app.db.repository import PageRequest, Slice, read_page
from app.directories.models import Directory, DirectoryGroup, DirectoryUser, Membership
from app.directories.sync_models import SyncRun
from app.uow import UnitOfWork
from app.users.person import fold

_SHOWN = "select d.id, directory_user_shown(d) as shown from directory_users d where d.id = any ($1)"
_COUNTS = """
select y.id, (select count(*) from directory_users u where u.organization_id = y.organization_id
                and u.directory_id = y.id and u.state <> 'deleted') as users,
       (select count(*) from directory_groups g where g.organization_id = y.organization_id
          and g.directory_id = y.id and g.state <> 'deleted') as groups
from directories y where y.id = any ($1)
"""
_MEMBERS = """
select group_id, count(*) as members from directory_memberships where group_id = any ($1) and member group by group_id
"""


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people of a directory are wanted; without a state, all but those who are gone."""

    state: str | None = None
    email: str | None = None
    group: str | None = None
    search: str | None = None


class Reading:
    """Directories as far as a unit sees them: its tenant's, or all of them in an unscoped unit of a platform admin."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def _scoped(self, statement: Select[Any], model: type[Any]) -> Select[Any]:
        tenant = self._uow.organization
        return statement if tenant is None else statement.where(model.organization_id == tenant)

    async def find(self, reference: str) -> Directory | None:
        """Return the directory that our UUID or WorkOS's id names."""
        return await self._uow.db.scalar(self._scoped(select(Directory), Directory).where(_named(Directory, reference)))

    async def page(self, page: PageRequest, *, organization: UUID | None, state: str | None) -> Slice[Directory]:
        """Return a page of directories; deleted ones only where that state is asked for."""
        wanted = self._scoped(select(Directory), Directory)
        if organization is not None:
            wanted = wanted.where(Directory.organization_id == organization)
        wanted = wanted.where(Directory.state == state if state else Directory.state != "deleted")
        return await read_page(self._uow.db, wanted, Directory.id, page)

    async def counts(self, directories: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
        """Return how many people and groups each of these directories has, but for those who are gone."""
        rows = await fetch(self._uow.driver, _COUNTS, list(directories))
        return {row["id"]: (row["users"], row["groups"]) for row in rows}

    async def people(self, directory: UUID, page: PageRequest, wanted: PeopleFilter) -> Slice[DirectoryUser]:
        """Return a page of a directory's people: ids and ready JSON; `shown` completes it."""
        found = self._scoped(select(DirectoryUser), DirectoryUser).where(DirectoryUser.directory_id == directory)
        found = found.where(DirectoryUser.state == wanted.state if wanted.state else DirectoryUser.state != "deleted")
        if wanted.email is not None:
            found = found.where(DirectoryUser.email_lower == fold(wanted.email))
        if wanted.search:
            like = _like(wanted.search)
            columns = (DirectoryUser.email, DirectoryUser.first_name, DirectoryUser.last_name)
            found = found.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
        if wanted.group is not None:
            found = found.where(DirectoryUser.id.in_(self._members(directory, wanted.group)))
        found = found.options(load_only(DirectoryUser.id, DirectoryUser.shown))
        return await read_page(self._uow.db, found, DirectoryUser.id, page)

    def _members(self, directory: UUID, group: str) -> Select[Any]:
        return (
            select(Membership.directory_user_id)
            .join(
                DirectoryGroup,
                and_(
                    DirectoryGroup.organization_id == Membership.organization_id,
                    DirectoryGroup.id == Membership.group_id,
                ),
            )
            .where(DirectoryGroup.directory_id == directory, _named(DirectoryGroup, group), Membership.member)
        )

    async def person(self, directory: UUID, reference: str) -> DirectoryUser | None:
        """Return a person of a directory by our id or WorkOS's, also one who is gone."""
        found = self._scoped(select(DirectoryUser), DirectoryUser).options(
            load_only(DirectoryUser.id, DirectoryUser.shown)
        )
        return await self._uow.db.scalar(
            found.where(DirectoryUser.directory_id == directory, _named(DirectoryUser, reference))
        )

    async def shown(self, rows: Sequence[DirectoryUser]) -> dict[UUID, str]:
        """Return the JSON of these people: the ready one, or made now where that is not there yet."""
        missing = [row.id for row in rows if row.shown is None]
        made = await fetch(self._uow.driver, _SHOWN, missing) if missing else []
        return {row.id: row.shown for row in rows if row.shown is not None} | {row["id"]: row["shown"] for row in made}

    async def group(self, directory: UUID, reference: str) -> DirectoryGroup | None:
        """Return a group of a directory by our id or WorkOS's."""
        found = self._scoped(select(DirectoryGroup), DirectoryGroup)
        return await self._uow.db.scalar(
            found.where(
                DirectoryGroup.directory_id == directory,
                _named(DirectoryGroup, reference),
                DirectoryGroup.state != "deleted",
            )
        )

    async def groups(self, directory: UUID, page: PageRequest, search: str | None) -> Slice[DirectoryGroup]:
        """Return a page of a directory's groups, but for those that are gone."""
        found = self._scoped(select(DirectoryGroup), DirectoryGroup)
        found = found.where(DirectoryGroup.directory_id == directory, DirectoryGroup.state != "deleted")
        if search:
            found = found.where(DirectoryGroup.name.ilike(_like(search), escape="\\"))
        return await read_page(self._uow.db, found, DirectoryGroup.id, page)

    async def members_counts(self, groups: Sequence[UUID]) -> dict[UUID, int]:
        """Return how many members each of these groups has."""
        rows = await fetch(self._uow.driver, _MEMBERS, list(groups))
        return {row["group_id"]: row["members"] for row in rows}

    async def runs(self, directory: UUID, page: PageRequest) -> Slice[SyncRun]:
        """Return a page of a directory's full syncs."""
        found = self._scoped(select(SyncRun), SyncRun).where(SyncRun.directory_id == directory)
        return await read_page(self._uow.db, found, SyncRun.id, page)

    async def run(self, directory: UUID, run: UUID) -> SyncRun | None:
        """Return a full sync of a directory."""
        found = self._scoped(select(SyncRun), SyncRun)
        return await self._uow.db.scalar(found.where(SyncRun.directory_id == directory, SyncRun.id == run))


def _named(model: type[Any], reference: str) -> Any:  # noqa: ANN401 -- a condition
    try:
        return model.id == UUID(reference) if len(reference) == 36 else model.workos_id == reference  # noqa: PLR2004 -- a UUID's usual spelling
    except ValueError:
        return model.workos_id == reference


def _like(search: str) -> str:
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
