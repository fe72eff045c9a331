"""Every statement over a tenant's role rules, the names that groups hold, and what the rules make of groups."""

from collections.abc import Sequence
from uuid import UUID

from app.access.roles import PLATFORM_ADMIN
from app.db.driver import fetch
from app.directories.rules import Rule, rules_for
from app.uow import UnitOfWork

# Which of the groups a rule makes a role of, as the first that matches; a name is held by the group first seen with it.
_RESOLVE = """
with rules as (
    select r.position, r.role, r.group_id, r.name, r.directory_id
    from unnest($3::bigint[], $4::text[], $5::uuid[], $6::text[], $7::uuid[])
        as r (position, role, group_id, name, directory_id)
), resolved as (
    select distinct on (g.id) g.id, r.position, r.role
    from directory_groups g
    left join directory_group_names n on n.organization_id = $1 and n.group_id = g.id
    left join rules r on (r.group_id = g.id or r.name = n.name)
                     and (r.directory_id is null or r.directory_id = g.directory_id)
    where g.organization_id = $1 and ($2::uuid[] is null or g.id = any ($2)) and g.state = 'active'
    order by g.id, r.position nulls last
)
update directory_groups g set role = r.role, rule_position = r.position
from resolved r
where g.organization_id = $1 and g.id = r.id and (g.role, g.rule_position) is distinct from (r.role, r.position)
returning g.id
"""
_NAME = """
insert into directory_group_names (organization_id, directory_id, name, group_id)
select distinct on (g.directory_id, g.name) g.organization_id, g.directory_id, g.name, g.id
from directory_groups g where g.organization_id = $1 and g.id = any ($2) and g.state = 'active'
order by g.directory_id, g.name, g.id
on conflict do nothing
"""
# A name that a rule asks for and nobody holds is held by the group that has it now, the one seen first.
_NAME_ASKED = """
insert into directory_group_names (organization_id, directory_id, name, group_id)
select distinct on (g.directory_id, g.name) g.organization_id, g.directory_id, g.name, g.id
from directory_groups g where g.organization_id = $1 and g.name = any ($2) and g.state = 'active'
order by g.directory_id, g.name, g.id
on conflict do nothing
"""
_RULES = """
select group_id, group_name, directory_id, role from role_rules where organization_id = $1 order by position
"""
_OWN = """
select p.rules_version, o.workos_id from organization_policies p
join organizations o on o.id = p.organization_id where p.organization_id = $1
"""


class GroupRules:
    """Role rules of one tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def name(self, groups: Sequence[UUID]) -> None:
        """Let groups that are seen for the first time hold their names, where no other does."""
        await fetch(self._uow.driver, _NAME, self._uow.tenant, list(groups))

    async def name_asked(self, names: Sequence[str]) -> None:
        """Let the groups that have these names now hold them, where no other does."""
        await fetch(self._uow.driver, _NAME_ASKED, self._uow.tenant, list(names))

    async def effective(self, platform: str | None) -> list[Rule]:
        """Return the rules that count, in order: the tenant's own, or the default ones.

        Only the organization with the WorkOS id `platform` may make platform administrators (contract.md).
        """
        (row,) = await fetch(self._uow.driver, _OWN, self._uow.tenant)
        is_platform = platform is not None and row["workos_id"] == platform
        if row["rules_version"] is None:
            return list(rules_for(is_platform=is_platform))
        own = await fetch(self._uow.driver, _RULES, self._uow.tenant)
        rules = [Rule(one["group_name"], one["role"], one["group_id"], one["directory_id"]) for one in own]
        return [rule for rule in rules if is_platform or rule.role != PLATFORM_ADMIN]

    async def resolve(self, rules: Sequence[Rule], groups: Sequence[UUID] | None) -> list[UUID]:
        """Note what the rules make of these groups (None: of all); return those for which that changed."""
        rows = await fetch(
            self._uow.driver,
            _RESOLVE,
            self._uow.tenant,
            None if groups is None else list(groups),
            list(range(1, len(rules) + 1)),
            [rule.role for rule in rules],
            [rule.group_id for rule in rules],
            [rule.group for rule in rules],
            [rule.directory_id for rule in rules],
        )
        return [row["id"] for row in rows]
