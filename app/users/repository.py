"""Every statement over users and identities. All driver-level: they are the body of a sign-in."""

from dataclasses import dataclass
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.uow import UnitOfWork
from app.users.person import Person, fold

_BY_IDENTITY = """
select u.id, u.state, u.email, u.first_name, u.last_name, u.department, u.job_title, u.mapped_role, u.manual_roles
from identities i
join users u on u.organization_id = i.organization_id and u.id = i.user_id
where i.organization_id = $1 and i.connection_id = $2 and i.idp_id = $3
"""
_BY_EMAIL = """
select u.id, u.state, u.email, u.first_name, u.last_name, u.department, u.job_title, u.mapped_role, u.manual_roles
from users u
where u.organization_id = $1 and u.email_lower = $2 order by u.id limit 3
"""
_BY_ID = """
select u.id, u.state, u.email, u.first_name, u.last_name, u.department, u.job_title, u.mapped_role, u.manual_roles
from users u
where u.organization_id = $1 and u.id = $2
"""
# An erased person left no address, but still the trace by which the same address is known again. Whom a directory told
# of only as gone was never somebody here.
_REMOVED = """
with asked as materialized (select $2::text as address, erased($2) as trace)
(select 1 from asked a join users u on u.organization_id = $1 and u.email_lower in (a.address, a.trace)
 where u.state <> 'active' limit 1)
union all
(select 1 from directories y
 join directory_users d on d.organization_id = $1 and d.directory_id = y.id and d.email_lower = $2
 where y.organization_id = $1 having count(*) > 0 and not bool_or(d.state in ('active', 'unmanaged')))
limit 1
"""
_MIRRORED_AS = """
select user_id from directory_users
where organization_id = $1 and idp_id = $2 and state = 'active' order by at desc limit 1
"""
_SET_ROLE = """
update users set mapped_role = $3, rights_version = rights_version + 1, updated_at = $4
where organization_id = $1 and id = $2
"""
# Two first sign-ins of one person, through two connections, would otherwise make two people with one address; so would
# a sign-in and the directory that brings the same person (`directories.service.lock_mirror`).
_LOCK_ADDRESS = """
select pg_advisory_xact_lock_shared(hashtextextended('mirror|' || $1::text, 0)),
       pg_advisory_xact_lock(hashtextextended($1::text || '|' || $2::text, 0))
"""
_INSERT = """
insert into users (id, organization_id, email, email_lower, first_name, last_name, department, job_title,
                   mapped_role, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
"""
_REFRESH = """
update users set email = $3, email_lower = $4, first_name = $5, last_name = $6, department = $7, job_title = $8,
       rights_version = rights_version + case when mapped_role is distinct from $9 then 1 else 0 end,
       mapped_role = $9, updated_at = $10
where organization_id = $1 and id = $2
  and (email, first_name, last_name, department, job_title, mapped_role)
      is distinct from ($3, $5, $6, $7, $8, $9)
"""
# The first statement of two sign-ins that arrive together decides whose person it is; the other adopts it.
_LINK = """
insert into identities (id, organization_id, user_id, connection_id, idp_id, profile_id, created_at, last_login_at)
values ($1, $2, $3, $4, $5, $6, $7, $7)
on conflict (organization_id, connection_id, idp_id)
do update set last_login_at = excluded.last_login_at, profile_id = excluded.profile_id
returning user_id
"""


@dataclass(frozen=True, slots=True)
class Known:
    """What a sign-in needs to know of a user."""

    id: UUID
    state: str
    email: str | None
    mapped_role: str
    manual_roles: tuple[str, ...]
    described: tuple[str | None, ...] = ()

    def differs(self, person: Person, role: str) -> bool:
        """Return whether a sign-in says anything new of this person."""
        return self.mapped_role != role or self.described != _described(person)


def _described(person: Person) -> tuple[str | None, ...]:
    return person.email, person.first_name, person.last_name, person.department, person.job_title


def to_known(row: Row) -> Known:
    """Return the person of a row with the columns of `_BY_IDENTITY`."""
    described = tuple(row[name] for name in ("email", "first_name", "last_name", "department", "job_title"))
    return Known(row["id"], row["state"], row["email"], row["mapped_role"], tuple(row["manual_roles"]), described)


class Users:
    """People of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        self._uow = uow
        self._organization = organization

    async def by_identity(self, connection: UUID, idp_id: str) -> Known | None:
        """Return the person whom this connection knows under this id."""
        row = await fetch_one(self._uow.driver, _BY_IDENTITY, self._organization, connection, idp_id)
        return None if row is None else to_known(row)

    async def by_id(self, user: UUID) -> Known | None:
        """Return a person of the tenant."""
        row = await fetch_one(self._uow.driver, _BY_ID, self._organization, user)
        return None if row is None else to_known(row)

    async def mirrored_as(self, idp_id: str) -> UUID | None:
        """Return whom a directory of the tenant lets in under this id."""
        row = await fetch_one(self._uow.driver, _MIRRORED_AS, self._organization, idp_id)
        return None if row is None else row["user_id"]

    async def set_role(self, user: UUID, role: str) -> None:
        """Give a person another mapped role."""
        await fetch(self._uow.driver, _SET_ROLE, self._organization, user, role, self._uow.now)

    async def by_email(self, email: str) -> list[Known]:
        """Return up to three people with this address: none, the one candidate, or a conflict."""
        rows = await fetch(self._uow.driver, _BY_EMAIL, self._organization, fold(email))
        return [to_known(row) for row in rows]

    async def was_removed(self, email: str) -> bool:
        """Return whether somebody with this address was removed from the tenant."""
        return await fetch_one(self._uow.driver, _REMOVED, self._organization, fold(email)) is not None

    async def lock_address(self, email: str) -> None:
        """Wait until nobody else is creating somebody with this address, and keep others waiting until the end."""
        await fetch(self._uow.driver, _LOCK_ADDRESS, str(self._organization), fold(email))

    async def insert(self, person: Person, role: str) -> Known:
        """Insert a new person and return them."""
        identifier = self._uow.ids.uuid()
        await fetch(
            self._uow.driver,
            _INSERT,
            identifier,
            self._organization,
            person.email,
            fold(person.email),
            person.first_name,
            person.last_name,
            person.department,
            person.job_title,
            role,
            self._uow.now,
        )
        return Known(identifier, "active", person.email, role, ())

    async def refresh(self, user: UUID, person: Person, role: str) -> None:
        """Bring the person's fields up to date; writes nothing when nothing changed."""
        await fetch(
            self._uow.driver,
            _REFRESH,
            self._organization,
            user,
            person.email,
            fold(person.email),
            person.first_name,
            person.last_name,
            person.department,
            person.job_title,
            role,
            self._uow.now,
        )

    async def link(self, user: UUID, connection: UUID, person: Person) -> UUID:
        """Remember that this connection knows the person; return whom the identity belongs to now."""
        row = await fetch_one(
            self._uow.driver,
            _LINK,
            self._uow.ids.uuid(),
            self._organization,
            user,
            connection,
            person.idp_id,
            person.profile_id,
            self._uow.now,
        )
        assert row is not None  # noqa: S101 -- an upsert returns its row
        return UUID(str(row["user_id"]))

    async def remove_orphan(self, user: UUID) -> None:
        """Delete a person just inserted whom a concurrent sign-in had created first."""
        await fetch(
            self._uow.driver, "delete from users where organization_id = $1 and id = $2", self._organization, user
        )
