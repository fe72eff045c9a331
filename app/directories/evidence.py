"""Evidence: what the mirror and the rules say of one person, as settling has written it down."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.directories.evidence_repository import Evidences
from app.directories.rules_repository import GroupRules, RulesInForce
from app.kit.rows import Row
from app.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Club:
    """A group of the person: the names that it holds for the rules, and the role that they make of it."""

    id: UUID
    workos_id: str
    name: str
    holds: tuple[str, ...]
    role: str | None
    rule_position: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """The person in one directory; `decides`: whether its groups count for the mapped role."""

    id: UUID
    state: str
    directory_id: UUID
    directory_workos_id: str
    directory_name: str
    directory_state: str
    synced: bool
    decides: bool
    clubs: tuple[Club, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A person's mapped role and what it was made of, all of one instant, and the rules that are in force.

    `directory_decides`: a directory of the tenant has been read whole, so no sign-in's groups count.
    """

    organization_id: UUID
    organization_workos_id: str | None
    state: str
    mapped_role: str
    manual_roles: tuple[str, ...]
    directory_decides: bool
    entries: tuple[Entry, ...]
    in_force: RulesInForce


async def read(uow: UnitOfWork, user: UUID, *, platform: str | None) -> Evidence | None:
    """Return what there is to know of a person of the unit's tenant; None without such a person.

    `platform` is WorkOS's id of the one organization whose people may be platform administrators.
    """
    in_force = await GroupRules(uow).in_force(platform)
    rows = await Evidences(uow).of(user)
    if not rows:
        return None
    first = rows[0]
    by_entry: dict[UUID, list[Row]] = {}
    for row in rows:
        if row["id"] is not None:
            by_entry.setdefault(row["id"], []).append(row)
    return Evidence(
        first["organization_id"],
        first["organization_workos_id"],
        first["user_state"],
        first["mapped_role"],
        tuple(first["manual_roles"]),
        first["directory_decides"],
        tuple(_entry(some) for some in by_entry.values()),
        in_force,
    )


def _entry(rows: Sequence[Row]) -> Entry:
    first = rows[0]
    return Entry(
        first["id"],
        first["state"],
        first["directory_id"],
        first["directory_workos_id"],
        first["directory_name"],
        first["directory_state"],
        first["synced"],
        first["decides"],
        tuple(_club(row) for row in rows if row["group_id"] is not None),
    )


def _club(row: Row) -> Club:
    named = (row["group_id"], row["group_workos_id"], row["group_name"], tuple(row["holds"]))
    return Club(*named, row["role"], row["rule_position"])
