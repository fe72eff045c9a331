"""The statements by which another default role reaches the people who have the old one."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch
from app.directories.repository import DECIDES
from app.directories.settling_repository import Changed, to_changed
from app.uow import UnitOfWork

# Whom a directory knows and who may have the default role: of everybody else another default changes nothing.
_MIRRORED = """
select d.id from directory_users d join users u on u.organization_id = $1 and u.id = d.user_id
where d.organization_id = $1 and u.mapped_role = $2 order by d.id
"""
# People of whom no directory decides. Who has signed in may have the role by a rule too ($4): whether they do, nothing
# that is kept tells, for the groups of a sign-in are not.
_FOLLOW = f"""
with before as (
    select u.id from users u
    where u.organization_id = $1 and u.mapped_role = $2
      and not exists (
          select 1 from directory_users d
          join directories y on y.organization_id = $1 and y.id = d.directory_id
          where d.organization_id = $1 and d.user_id = u.id and d.state = 'active' and {DECIDES})
      and (not $4::boolean or not exists (
          select 1 from identities i where i.organization_id = $1 and i.user_id = u.id))
    order by u.id for no key update of u
)
update users u set mapped_role = $3, rights_version = u.rights_version + 1, updated_at = $5
from before b where u.organization_id = $1 and u.id = b.id
returning u.id, u.state as state_before, u.state, $2 as role_before, u.mapped_role, u.manual_roles,
          false as redescribed
"""  # noqa: S608 -- its one part is a constant


class DefaultRoles:
    """Who has the default role of the unit's tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def mirrored(self, role: str) -> list[UUID]:
        """Return the directory users behind whom are people with this mapped role."""
        return [row["id"] for row in await fetch(self._uow.driver, _MIRRORED, self._uow.tenant, role)]

    async def follow(self, before: str, now: str, *, keep_signed_in: bool) -> Sequence[Changed]:
        """Give those with the role of before of whom no directory decides the new one; return who that was.

        `keep_signed_in`: whoever has signed in keeps the role until they do so again.
        """
        values = (self._uow.tenant, before, now, keep_signed_in, self._uow.now)
        return [to_changed(row) for row in await fetch(self._uow.driver, _FOLLOW, *values)]
