"""Every statement by which a tenant's people are read.

Driver-level, and over the tables of several rooms: a page of people is one statement.
"""

from dataclasses import dataclass
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.db.query import Line, Query, containing, lines
from app.db.repository import PageRequest, Slice
from app.kit.rows import Row
from app.organizations.repository import NIL
from app.uow import UnitOfWork
from app.users.person import fold

# The page first, then what is shown of its rows: else a filter that few pass counts the sessions of all.
_SHOWN = """
with page as materialized ({page})
select u.id, u.organization_id, o.workos_id as organization_workos_id, u.email, u.first_name, u.last_name,
       u.department, u.job_title, u.state, u.deactivated_by, u.mapped_role, u.manual_roles, u.rights_version,
       u.created_at, u.updated_at,
       (select max(i.last_login_at) from identities i
        where i.organization_id = u.organization_id and i.user_id = u.id) as last_login_at,
       (select count(*) from sessions s
        where s.organization_id = u.organization_id and s.user_id = u.id and s.ended_at is null and s.expires_at > $1
          and s.last_seen_at + make_interval(secs => s.idle_seconds) > $1) as sessions_count,
       (select coalesce(json_agg(json_build_object('id', d.id, 'workos_id', d.workos_id, 'directory_id',
                                                   d.directory_id, 'directory_name', y.name, 'state', d.state)
                                 order by d.id), '[]'::json)
        from directory_users d
        join directories y on y.organization_id = d.organization_id and y.id = d.directory_id
        where d.organization_id = u.organization_id and d.user_id = u.id)::text as directory_users
from page p
join users u on u.id = p.id
join organizations o on o.id = u.organization_id
order by u.id {order}
"""
_PAGE = "select u.id from users u where u.organization_id <> $2"
_IN_DIRECTORY = """exists (select 1 from directory_users d where d.organization_id = u.organization_id
    and d.user_id = u.id and d.directory_id = {} and d.state <> 'deleted')"""
_HAS_ROLE = "(u.mapped_role = {0} or {0} = any (u.manual_roles))"
_SEARCH = "(u.email ilike {0} or concat_ws(' ', u.first_name, u.last_name) ilike {0})"


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """Which people are wanted; `state` as it is stored, `directory` our id."""

    organization: UUID | None = None
    state: str | None = None
    email: str | None = None
    role: str | None = None
    search: str | None = None
    directory: UUID | None = None


class _Readable:
    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    def _scoped(self) -> Query:
        return Query(_PAGE, self._uow.now, NIL)

    async def find(self, person: UUID) -> Row | None:
        """Return a person; the one behind break-glass is nobody's."""
        query = self._scoped()
        query.where("u.id = {}", person)
        return await fetch_one(self._uow.driver, _SHOWN.format(page=query.statement, order=""), *query.values)

    async def page(self, page: PageRequest[UUID], wanted: PeopleFilter) -> Slice[Line]:
        """Return a page of people by id."""
        query = self._wanted(wanted)
        order = query.one_page("u.id", page)
        statement = _SHOWN.format(page=query.statement, order=order)
        return lines(await fetch(self._uow.driver, statement, *query.values), page)

    def _wanted(self, wanted: PeopleFilter) -> Query:
        query = self._scoped()
        query.where_given("u.organization_id = {}", wanted.organization)
        query.where_given("u.state = {}", wanted.state)
        query.where_given("u.email_lower = {}", None if wanted.email is None else fold(wanted.email))
        query.where_given(_HAS_ROLE, wanted.role)
        query.where_given(_IN_DIRECTORY, wanted.directory)
        query.where_given(_SEARCH, None if wanted.search is None else containing(wanted.search))
        return query


class PeopleOfTenant(_Readable):
    """The people of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        super().__init__(uow)
        self._organization = organization

    def _scoped(self) -> Query:
        query = super()._scoped()
        query.where("u.organization_id = {}", self._organization)
        return query


class UnscopedPeople(_Readable):
    """The people of every tenant, for platform admins; on a pool whose role may only read."""


def readable(uow: UnitOfWork) -> _Readable:
    """Return what this unit may read: its tenant's people, or every tenant's in an unscoped unit."""
    return UnscopedPeople(uow) if uow.organization is None else PeopleOfTenant(uow, uow.organization)
