"""Every statement over a tenant's role rules, the names that groups hold, and what the rules make of groups."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.access.roles import PLATFORM_ADMIN
from app.db.driver import fetch
from app.db.query import by_both_ids
from app.directories.rules import Rule, numbered, rules_for
from app.kit.rows import Row
from app.uow import UnitOfWork

# Which of the groups a rule makes a role of, as the first that matches; a name is held by the group first seen with it.
_RESOLVE = """
with rules as (
    select r.position, r.group_id, r.name, r.directory_id, r.role
    from unnest($3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[])
        as r (position, group_id, name, directory_id, role)
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
select group_id, group_name, directory_id, role, position from role_rules where organization_id = $1 order by position
"""
_OWN = """
select p.rules_version, p.default_role, o.workos_id from organization_policies p
join organizations o on o.id = p.organization_id where p.organization_id = $1
"""
_NEXT_VERSION = """
update organization_policies set rules_version = coalesce(rules_version, 0) + 1
where organization_id = $1 and ($2::bigint[] is null or coalesce(rules_version, 0) = any ($2))
returning rules_version
"""
_FORGET = "delete from role_rules where organization_id = $1"
_WRITE = """
insert into role_rules (id, organization_id, position, group_id, group_name, directory_id, role)
select r.id, $1, r.position, r.group_id, r.name, r.directory_id, r.role
from unnest($2::uuid[], $3::bigint[], $4::uuid[], $5::text[], $6::uuid[], $7::text[])
    as r (id, position, group_id, name, directory_id, role)
"""
# Which groups each rule gives a role: the name shown is today's, whatever name the group holds for the rules.
_MATCHED = """
select g.rule_position as position, g.id, g.workos_id, g.name, g.directory_id,
       (select count(*) from directory_memberships m
        where m.organization_id = $1 and m.group_id = g.id and m.member) as members_count
from directory_groups g
where g.organization_id = $1 and g.state = 'active' and g.rule_position is not null order by g.rule_position, g.id
"""
_GROUPS_NAMED = """
select id, workos_id, directory_id from directory_groups
where organization_id = $1 and state = 'active' and (id = any ($2) or workos_id = any ($3))
"""
_DIRECTORIES_NAMED = """
select id, workos_id from directories
where organization_id = $1 and state <> 'deleted' and (id = any ($2) or workos_id = any ($3))
"""


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """The rules that count, numbered and in order, and which version they are: 0 for the default ones."""

    version: int
    default_role: str
    rules: tuple[Rule, ...]


class GroupRules:
    """Role rules of one tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def name(self, groups: Sequence[UUID]) -> None:
        """Let groups that are seen for the first time hold their names, where no other does."""
        await self._run(_NAME, list(groups))

    async def name_asked(self, names: Sequence[str]) -> None:
        """Let the groups that have these names now hold them, where no other does."""
        await self._run(_NAME_ASKED, list(names))

    async def in_force(self, platform: str | None) -> RulesInForce:
        """Return the rules that count: the tenant's own, or the default ones.

        Only the organization with the WorkOS id `platform` may make platform administrators (contract.md).
        """
        (row,) = await self._run(_OWN)
        is_platform = platform is not None and row["workos_id"] == platform
        version, default_role = row["rules_version"], row["default_role"]
        if version is None:
            return RulesInForce(0, default_role, numbered(rules_for(is_platform=is_platform)))
        own = [
            Rule(one["group_name"], one["role"], one["group_id"], one["directory_id"], one["position"])
            for one in await self._run(_RULES)
        ]
        return RulesInForce(
            version, default_role, tuple(rule for rule in own if is_platform or rule.role != PLATFORM_ADMIN)
        )

    async def replace(self, rules: Sequence[Rule], *, versions: Collection[int] | None) -> bool:
        """Make these the tenant's own rules, in this order; False where what is in force is none of `versions`."""
        if not await self._run(_NEXT_VERSION, None if versions is None else list(versions)):
            return False
        await self._run(_FORGET)
        await self._run(_WRITE, [self._uow.ids.uuid() for _ in rules], *_columns(rules))
        return True

    async def matched(self) -> dict[int, list[Row]]:
        """Return the groups that get their role by a rule, by the rule's position."""
        groups: dict[int, list[Row]] = {}
        for row in await self._run(_MATCHED):
            groups.setdefault(row["position"], []).append(row)
        return groups

    async def groups_named(self, references: Collection[str]) -> dict[str, Row]:
        """Return the groups that our UUIDs or WorkOS's ids name, by both, those that are gone left out."""
        return _by_both(await self._run(_GROUPS_NAMED, *by_both_ids(references)))

    async def directories_named(self, references: Collection[str]) -> dict[str, Row]:
        """Return the directories that our UUIDs or WorkOS's ids name, by both, deleted ones left out."""
        return _by_both(await self._run(_DIRECTORIES_NAMED, *by_both_ids(references)))

    async def resolve(self, rules: Sequence[Rule], groups: Sequence[UUID] | None) -> list[UUID]:
        """Note what the rules make of these groups (None: of all); return those for which that changed."""
        rows = await self._run(_RESOLVE, None if groups is None else list(groups), *_columns(rules))
        return [row["id"] for row in rows]

    async def _run(self, statement: str, *values: object) -> list[Any]:
        return await fetch(self._uow.driver, statement, self._uow.tenant, *values)


def _columns(rules: Sequence[Rule]) -> tuple[Sequence[object], ...]:
    return (
        [rule.position for rule in rules],
        [rule.group_id for rule in rules],
        [rule.group for rule in rules],
        [rule.directory_id for rule in rules],
        [rule.role for rule in rules],
    )


def _by_both(rows: Sequence[Row]) -> dict[str, Row]:
    return {str(row[name]): row for row in rows for name in ("id", "workos_id")}
