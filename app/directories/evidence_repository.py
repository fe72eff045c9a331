"""The statement by which the derivation of one person's role is read back."""

from collections.abc import Sequence
from uuid import UUID

from app.db.driver import fetch
from app.directories.repository import DECIDES
from app.kit.rows import Row
from app.uow import UnitOfWork

# One statement, so that role and reasons are of one instant.
_OF = f"""
select u.organization_id, o.workos_id as organization_workos_id, u.state as user_state, u.mapped_role, u.manual_roles,
       exists (select 1 from directories y where y.organization_id = $1 and {DECIDES}) as directory_decides,
       d.id, d.state, d.directory_id, y.workos_id as directory_workos_id, y.name as directory_name,
       y.state as directory_state, y.last_synced_at is not null as synced,
       d.state = 'active' and {DECIDES} as decides,
       c.id as group_id, c.workos_id as group_workos_id, c.name as group_name, c.role, c.rule_position, c.holds
from users u
join organizations o on o.id = u.organization_id
left join directory_users d on d.organization_id = $1 and d.user_id = u.id
left join directories y on y.organization_id = $1 and y.id = d.directory_id
left join lateral (
    select g.id, g.workos_id, g.name, g.role, g.rule_position,
           array(select n.name from directory_group_names n
                 where n.organization_id = $1 and n.group_id = g.id order by n.name) as holds
    from directory_memberships m join directory_groups g on g.organization_id = $1 and g.id = m.group_id
    where m.organization_id = $1 and m.directory_user_id = d.id and m.member and g.state = 'active'
) as c on true
where u.organization_id = $1 and u.id = $2
order by d.id, c.rule_position, c.id
"""  # noqa: S608 -- its one part is a constant


class Evidences:
    """How the roles of a tenant's people came about."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def of(self, user: UUID) -> Sequence[Row]:
        """Return a row for each group in each directory of the person; one at least, unless there is no such person."""
        return await fetch(self._uow.driver, _OF, self._uow.tenant, user)
