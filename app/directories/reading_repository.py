"""Every statement by which the mirror is read, and made ready to be read.

Driver-level: a page of people is sent as it stands in its rows (speed.md, "directory users"), and never meets the ORM.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.db.lane import Lane
from app.db.query import Line, Query, containing, lines
from app.db.repository import PageRequest, Slice, sliced
from app.kit.rows import Row
from app.uow import UnitOfWork
from app.users.person import fold

READ: Final = "directories:read"
_LAST: Final = UUID(int=(1 << 128) - 1)

_DIRECTORIES = """
select d.id, d.organization_id, d.workos_id, d.name, d.type, d.state, d.last_synced_at, d.created_at, d.updated_at
from directories d where true"""
# What no job has made ready yet is made here: a page never waits for the worker.
_PEOPLE = """
select d.id, coalesce(d.shown, directory_user_shown(d)) as shown from directory_users d where true"""
_GROUPS = """
select d.id, d.organization_id, d.workos_id, d.directory_id, d.idp_id, d.name, d.state, d.role, d.created_at,
       d.updated_at,
       (select count(*) from directory_memberships m
        where m.organization_id = d.organization_id and m.group_id = d.id and m.member) as members_count
from directory_groups d where true"""
_COUNTS = """
select 'users' as kind, directory_id, count(*) as n from directory_users
where organization_id = any ($1) and directory_id = any ($2) and state <> 'deleted' group by directory_id
union all
select 'groups', directory_id, count(*) from directory_groups
where organization_id = any ($1) and directory_id = any ($2) and state <> 'deleted' group by directory_id
"""
_IN_GROUP = """exists (select 1 from directory_memberships m where m.organization_id = d.organization_id
    and m.group_id = {} and m.directory_user_id = d.id and m.member)"""
_SEARCH_PEOPLE = "(d.email ilike {0} or d.first_name ilike {0} or d.last_name ilike {0})"
# Sets the tenant for itself, so that row-level security holds, and reads one page, in one round trip.
_READY_PEOPLE = "select id, shown from directory_users_page($1, $2, $3, $4)"
_SHOW = "select directory_users_show($1) as made"
_PURGE = "select mirror_purge($1, $2)"


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people of a directory are wanted; without a state those that are not gone."""

    state: str | None = None
    email: str | None = None
    group: UUID | None = None
    search: str | None = None


class _Query(Query):
    """A statement over `d`."""

    def in_state(self, state: str | None) -> None:
        """Want rows in this state; without one, those that are not gone."""
        if state is None:
            self.statement += " and d.state <> 'deleted'"
        else:
            self.where("d.state = {}", state)


class _Readable:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def _scoped(self, statement: str) -> _Query:
        return _Query(statement)

    async def find(self, reference: str) -> Row | None:
        """Return the directory that our UUID or WorkOS's id names, a deleted one too."""
        query = self._scoped(_DIRECTORIES)
        query.named("d", reference)
        return await self._one(query)

    async def page(self, page: PageRequest[UUID], *, organization: UUID | None, state: str | None) -> Slice[Line]:
        """Return a page of directories."""
        query = self._scoped(_DIRECTORIES)
        query.where_given("d.organization_id = {}", organization)
        query.in_state(state)
        return await self._page(query, page)

    async def counts(self, directories: Sequence[Row]) -> dict[tuple[str, UUID], int]:
        """Return how many `users` and `groups` that are not gone each of these directories has; none has no entry."""
        owners = list({row["organization_id"] for row in directories})
        rows = await fetch(self._uow.driver, _COUNTS, owners, [row["id"] for row in directories])
        return {(row["kind"], row["directory_id"]): row["n"] for row in rows}

    async def person(self, directory: Row, reference: str) -> str | None:
        """Return the wire's JSON of the person of a directory that our UUID or WorkOS's id names, gone or not."""
        query = self._inside(_PEOPLE, directory)
        query.named("d", reference)
        found = await self._one(query)
        return None if found is None else str(found["shown"])

    async def people(self, directory: Row, page: PageRequest[UUID], wanted: PeopleFilter) -> Slice[Row]:
        """Return a page of a directory's people: `id`, and `shown`, the wire's JSON."""
        query = self._inside(_PEOPLE, directory)
        query.in_state(wanted.state)
        query.where_given("d.email_lower = {}", None if wanted.email is None else fold(wanted.email))
        query.where_given(_IN_GROUP, wanted.group)
        query.where_given(_SEARCH_PEOPLE, None if wanted.search is None else containing(wanted.search))
        query.one_page("d.id", page)
        return sliced(await fetch(self._uow.driver, query.statement, *query.values), page)

    async def group(self, directory: Row, reference: str) -> UUID | None:
        """Return our id of the group of a directory that our UUID or WorkOS's id names; None for one that is gone."""
        query = self._inside("select d.id from directory_groups d where d.state <> 'deleted'", directory)
        query.named("d", reference)
        found = await self._one(query)
        return None if found is None else found["id"]

    async def groups(self, directory: Row, page: PageRequest[UUID], *, search: str | None) -> Slice[Line]:
        """Return a page of a directory's groups, without those that are gone."""
        query = self._inside(_GROUPS, directory)
        query.in_state(None)
        query.where_given("d.name ilike {}", None if search is None else containing(search))
        return await self._page(query, page)

    def _inside(self, statement: str, directory: Row) -> _Query:
        query = self._scoped(statement)
        # Of the directory's own tenant: the index begins with it, and an unscoped unit stays inside one.
        query.where("d.organization_id = {}", directory["organization_id"])
        query.where("d.directory_id = {}", directory["id"])
        return query

    async def _one(self, query: _Query) -> Row | None:
        return await fetch_one(self._uow.driver, query.statement, *query.values)

    async def _page(self, query: _Query, page: PageRequest[UUID]) -> Slice[Line]:
        query.one_page("d.id", page)
        return lines(await fetch(self._uow.driver, query.statement, *query.values), page)


class MirrorOfTenant(_Readable):
    """The directories of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        super().__init__(uow)
        self._organization = organization

    def _scoped(self, statement: str) -> _Query:
        query = _Query(statement)
        query.where("d.organization_id = {}", self._organization)
        return query


class UnscopedMirror(_Readable):
    """The directories of every tenant, for platform admins; on a pool whose role may only read."""


def readable(uow: UnitOfWork) -> _Readable:
    """Return what this unit may read: its tenant's directories, or every tenant's in an unscoped unit."""
    return UnscopedMirror(uow) if uow.organization is None else MirrorOfTenant(uow, uow.organization)


class ReadyPeople:
    """Pages of people for the hot door, outside of any unit: one statement on a held connection."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def page(self, organization: UUID, directory: UUID, page: PageRequest[UUID]) -> Slice[Row]:
        """Return a page of this tenant's directory from the newest on; empty when there is no such directory."""
        found = await self._lane.fetch(_READY_PEOPLE, organization, directory, page.after or _LAST, page.limit + 1)
        return sliced(found, page)


def people_listing(organization: UUID, directory: UUID) -> str:
    """Return what cursors of a directory's people are bound to, for whoever reads as this organization."""
    return f"directory_users|{organization}|{directory}"


async def show(uow: UnitOfWork, most: int) -> int:
    """Make the wire's JSON of at most so many people, of any tenant, who have none; return of how many."""
    found = await fetch_one(uow.driver, _SHOW, most)
    return int(found["made"]) if found else 0


async def purge(uow: UnitOfWork, *, before: datetime, pages_before: datetime) -> None:
    """Forget a portion of the tombstones and of the pages of ended syncs that are older than these instants."""
    await fetch(uow.driver, _PURGE, before, pages_before)
