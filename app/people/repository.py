"""Every statement by which an administrator changes people, in the tables of people and of the mirror."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.db.driver import fetch, fetch_one
from app.kit.rows import Row
from app.people.standing import in_force
from app.uow import UnitOfWork

_LOCK = """
select u.id, u.state, u.deactivated_by, u.mapped_role, u.manual_roles, u.rights_version, o.workos_id
from users u join organizations o on o.id = u.organization_id
where u.organization_id = $1 and u.id = $2 for no key update of u
"""
_SHUT_OUT = """
select count(*) > 0 and count(*) filter (where state in ('active', 'unmanaged')) = 0 as shut_out
from directory_users where organization_id = $1 and user_id = $2
"""
_OTHERS = """
select 1 from users
where organization_id = $1 and id <> $2 and state = 'active' and (mapped_role = any ($3) or manual_roles && $3) limit 1
"""
_LAST_LOGIN = """
select c.id, c.workos_id, c.name, i.last_login_at from identities i
join connections c on c.organization_id = i.organization_id and c.id = i.connection_id
where i.organization_id = $1 and i.user_id = $2 order by i.last_login_at desc, i.id limit 1
"""
_SET_STATE = """
update users set state = $3, deactivated_by = $4, rights_version = rights_version + 1, updated_at = $5
where organization_id = $1 and id = $2
"""
_SET_ROLES = """
update users set manual_roles = $3, rights_version = rights_version + 1, updated_at = $4
where organization_id = $1 and id = $2
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A person whose row is locked. `roles`: those that count, were they let in."""

    id: UUID
    state: str
    deactivated_by: str | None
    mapped_role: str
    manual_roles: tuple[str, ...]
    rights_version: int
    is_platform: bool

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles that count while the person is let in."""
        return self.with_manual(self.manual_roles)

    def with_manual(self, manual: Sequence[str]) -> tuple[str, ...]:
        """Return the roles that would count with these manual ones."""
        return in_force(self.mapped_role, manual, is_platform=self.is_platform)


class People:
    """People of the unit's tenant, to be changed."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def lock(self, person: UUID, *, platform: str | None) -> Held | None:
        """Return a person, whom nobody else changes until the unit ends."""
        row = await fetch_one(self._uow.driver, _LOCK, self._uow.tenant, person)
        if row is None:
            return None
        is_platform = platform is not None and row["workos_id"] == platform
        told = (row["id"], row["state"], row["deactivated_by"], row["mapped_role"], tuple(row["manual_roles"]))
        return Held(*told, row["rights_version"], is_platform)

    async def shut_out(self, person: UUID) -> bool:
        """Return whether directories know the person and none lets them in."""
        row = await fetch_one(self._uow.driver, _SHUT_OUT, self._uow.tenant, person)
        return bool(row and row["shut_out"])

    async def others_with(self, roles: Collection[str], person: UUID) -> bool:
        """Return whether somebody else who is let in has one of these roles."""
        return await fetch_one(self._uow.driver, _OTHERS, self._uow.tenant, person, list(roles)) is not None

    async def last_login(self, person: UUID) -> Row | None:
        """Return when a person last signed in and by which connection (its ids and name)."""
        return await fetch_one(self._uow.driver, _LAST_LOGIN, self._uow.tenant, person)

    async def set_state(self, person: UUID, state: str, by: str | None) -> None:
        """Let a person in or shut them out, and note by whom."""
        await fetch(self._uow.driver, _SET_STATE, self._uow.tenant, person, state, by, self._uow.now)

    async def set_manual_roles(self, person: UUID, roles: Sequence[str]) -> None:
        """Give a person these manual roles and no others."""
        await fetch(self._uow.driver, _SET_ROLES, self._uow.tenant, person, list(roles), self._uow.now)
