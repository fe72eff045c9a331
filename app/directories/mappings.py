"""Verbs of role mappings: read the rules that count, make others count, and see what that would change."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from app.access.errors import RoleNotGrantable
from app.access.roles import CLIENT_ADMIN, PLATFORM_ADMIN, above
from app.audit import service as audit
from app.db.driver import expect_many
from app.directories import service, settling
from app.directories.mirror_repository import Mirror
from app.directories.rules import Rule
from app.directories.rules_repository import GroupRules, RulesInForce
from app.directories.settling_repository import Changed, Settling
from app.kit.rows import Row
from app.organizations.errors import VersionOutdated
from app.problems import Invalid
from app.uow import UnitOfWork

SHOWN_AT_MOST: Final = 1_000
"""People whom a preview names; all of them count."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as a person writes it: a group by its name, or by our id or WorkOS's."""

    role: str
    group_name: str | None
    group: str | None
    directory: str | None


@dataclass(frozen=True, slots=True)
class Mappings:
    """The rules that count, and the groups that get their role by each, by the rule's position."""

    in_force: RulesInForce
    groups: dict[int, list[Row]]


@dataclass(frozen=True, slots=True)
class Consequences:
    """Whose mapped role other rules change, what the first thousand are called, and whether no client admin is left."""

    changed: list[Changed]
    called: dict[UUID, Row]
    last_admin: bool


async def read(uow: UnitOfWork, *, platform: str | None) -> Mappings:
    """Return the rules of the unit's tenant. `platform`: as `settling.resolve`."""
    rules = GroupRules(uow)
    return Mappings(await rules.in_force(platform), await rules.matched())


async def replace(
    uow: UnitOfWork,
    wanted: Sequence[Wanted],
    *,
    own: Collection[str],
    platform: str | None,
    versions: Collection[int] | None,
) -> Consequences:
    """Make these the tenant's rules, in this order, and give everybody the role that they have by them.

    Args:
        uow: a unit of the tenant; rolled back, it is a preview.
        wanted: the rules; none gives everybody the default role.
        own: the roles of who asks.
        platform: as `settling.resolve`.
        versions: only where the rules in force are one of these versions; None for any.

    Raises:
        RoleNotGrantable: a rule, of before or now, grants what the caller may not, or what nobody may here.
        VersionOutdated: the rules are of another version.
        Invalid: a rule names a group or directory that is not the tenant's, or repeats another.
    """
    await expect_many(uow.db)
    await service.lock_mirror(uow)
    repository = GroupRules(uow)
    rules = await _rules(repository, wanted)
    before = await repository.in_force(platform)
    if above({rule.role for rule in (*before.rules, *rules)}, own):
        raise RoleNotGrantable
    if not await repository.replace(rules, versions=versions):
        raise VersionOutdated
    now = await repository.in_force(platform)
    if len(now.rules) != len(rules):
        raise RoleNotGrantable(f"{PLATFORM_ADMIN} belongs to the platform's own organization.")
    await repository.name_asked([rule.group for rule in rules if rule.group is not None])
    changed = await _follow(uow, now)
    told = [_told(rule) for rule in rules]
    await audit.record(
        uow, "role_mappings.changed", targets=[("organization", uow.tenant)], version=now.version, rules=told
    )
    return await _consequences(uow, changed)


async def _follow(uow: UnitOfWork, now: RulesInForce) -> list[Changed]:
    """Let groups, and people after them, follow the rules; return who has another role."""
    mirror = Mirror(uow)
    people = await mirror.members(await GroupRules(uow).resolve(now.rules, None))
    settled = await settling.settle(uow, people, removed=False)
    withdrawn = await settling.withdraw(uow, sorted({rule.role for rule in now.rules}))
    return [one for one in (*settled.changed, *withdrawn.changed) if one.role != one.role_before]


async def _consequences(uow: UnitOfWork, changed: list[Changed]) -> Consequences:
    repository = Settling(uow)
    left = await repository.client_admins()
    lost = sum(1 for one in changed if one.role_before == CLIENT_ADMIN and one.state == "active")
    called = await repository.called([one.user_id for one in changed[:SHOWN_AT_MOST]])
    return Consequences(changed, called, last_admin=left == 0 and lost > 0)


async def _rules(repository: GroupRules, wanted: Sequence[Wanted]) -> list[Rule]:
    """Return the rules with the ids that they name; raises Invalid."""
    groups = await repository.groups_named(_named(one.group for one in wanted))
    directories = await repository.directories_named(_named(one.directory for one in wanted))
    rules: list[Rule] = []
    for position, one in enumerate(wanted, 1):
        home = _found(directories, one.directory, f"Rule {position} names a directory that is not here.")
        group = _found(groups, one.group, f"Rule {position} names a group that is not here.")
        if group and home and group["directory_id"] != home["id"]:
            raise Invalid(f"The group of rule {position} is not in its directory.")
        rules.append(Rule(one.group_name, one.role, _id(group), _id(home), position))
    _require_each_once(rules)
    return rules


def _require_each_once(rules: Sequence[Rule]) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for position, rule in enumerate(rules, 1):
        first = seen.setdefault((rule.group, rule.group_id, rule.directory_id), position)
        if first != position:
            raise Invalid(f"Rule {position} repeats rule {first}, which is asked first.")


def _named(references: Iterable[str | None]) -> set[str]:
    return {_spelled(reference) for reference in references if reference is not None}


def _found(rows: dict[str, Row], reference: str | None, otherwise: str) -> Row | None:
    if reference is None:
        return None
    if (row := rows.get(_spelled(reference))) is None:
        raise Invalid(otherwise)
    return row


def _id(row: Row | None) -> UUID | None:
    return None if row is None else row["id"]


def _spelled(reference: str) -> str:
    """Return our UUIDs in their one spelling, and WorkOS's ids as they are."""
    try:
        return str(UUID(reference))
    except ValueError:
        return reference


def _told(rule: Rule) -> dict[str, str]:
    told = {"role": rule.role, "group_name": rule.group, "group_id": rule.group_id, "directory_id": rule.directory_id}
    return {name: str(value) for name, value in told.items() if value is not None}
