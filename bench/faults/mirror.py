"""Mirror: what differs between the gateway's tables and the model, by SQL; parts that a release lacks are left out."""

from collections.abc import Mapping, Sequence

from bench.faults.findings import Findings
from bench.faults.inbox import is_mirrored
from bench.faults.model import Model
from bench.faults.stage import Stage

_DOORS = "select workos_id, state from connections where state <> 'deleted'"
_PEOPLE = (
    "select d.workos_id, d.state, d.email, d.first_name, d.last_name, u.state as person, u.mapped_role as role"
    " from directory_users d left join users u on u.id = d.user_id where d.state <> 'deleted'"
)
_GROUPS = "select workos_id, name from directory_groups where state <> 'deleted'"
_MEMBERS = (
    "select g.workos_id || ' ' || u.workos_id as pair, true as member from directory_memberships m"
    " join directory_groups g on g.id = m.group_id join directory_users u on u.id = m.directory_user_id"
    " where m.member and g.state <> 'deleted' and u.state <> 'deleted'"
)
# Somebody who is in no directory any more, or is switched off in all of them, must not be let in.
_LEFT_IN = (
    "select u.email as word from users u where u.state = 'active' and exists"
    " (select 1 from directory_users d where d.user_id = u.id) and not exists"
    " (select 1 from directory_users d where d.user_id = u.id and d.state in ('active', 'unmanaged'))"
)
_TWO_FOR_ONE = (
    "select email_lower as word from users where email_lower is not null"
    " group by organization_id, email_lower having count(*) > 1"
)
_PLANT = (
    "insert into sessions (id, organization_id, user_id, secret_hash, amr, auth_time, created_at, last_seen_at,"
    " idle_seconds, expires_at) select gen_random_uuid(), u.organization_id, u.id, sha256(u.id::text::bytea),"
    " '{sso}', now(), now(), now(), 28800, now() + interval '1 day' from users u where u.state = 'active'"
)
_SESSIONS = (
    "select d.workos_id, bool_or(s.ended_at is null) as alive from sessions s join directory_users d"
    " on d.user_id = s.user_id group by 1"
)


async def plant_sessions(stage: Stage) -> int:
    """Give everybody who is active a session, and have the model count from here; return how many."""
    await stage.sql(_PLANT)
    stage.model.sessions_planted()
    return await stage.count("select count(*) from sessions where ended_at is null and user_id is not null")


async def check(stage: Stage, findings: Findings, model: Model | None = None, *, sessions: bool = False) -> None:
    """Note every difference between what is here and what ought to be; `sessions`: those planted before, too."""
    wanted = model or stage.model
    findings.must_be_zero("connections that differ", await _connections(stage, wanted))
    if not await is_mirrored(stage):
        return
    findings.must_be_zero("people that differ", await _people(stage, wanted))
    findings.must_be_zero("groups that differ", await _groups(stage, wanted))
    findings.must_be_zero("memberships that differ", await _members(stage, wanted))
    findings.must_be_zero("removed, still let in", [str(row["word"]) for row in await stage.sql(_LEFT_IN)])
    findings.must_be_zero("two people for one", [str(row["word"]) for row in await stage.sql(_TWO_FOR_ONE)])
    if sessions:
        await _sessions(stage, findings, wanted)


def differences(found: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """Return in words what is missing, what is too much, and what is different."""
    words = [f"{key} is missing" for key in wanted.keys() - found.keys()]
    words += [f"{key} is here and should not be" for key in found.keys() - wanted.keys()]
    both = found.keys() & wanted.keys()
    words += [f"{key} is {found[key]}, not {wanted[key]}" for key in both if found[key] != wanted[key]]
    return sorted(words)


async def _connections(stage: Stage, model: Model) -> list[str]:
    doors = {tenant.side_door: tenant.side_door_active for tenant in model.tenants}
    found = {row["workos_id"]: row["state"] == "active" for row in await stage.sql(_DOORS) if row["workos_id"] in doors}
    return differences(found, doors)


async def _people(stage: Stage, model: Model) -> list[str]:
    wanted: dict[str, object] = {}
    for tenant in model.tenants:
        for person in tenant.people.values():
            names = (person.email, person.first_name, person.last_name)
            # Whoever is out has no role that counts, and need not be anybody here who never was in.
            inside = ("active", *names, "active", tenant.role_of(person))
            wanted[person.id] = inside if person.active else ("inactive", *names)
    return differences({row["workos_id"]: _shown(row) for row in await stage.sql(_PEOPLE)}, wanted)


def _shown(row: Sequence[object]) -> tuple[object, ...]:
    """Return what is compared of a row of `_PEOPLE`."""
    _, *told, person, _role = shown = tuple(row)
    out = told[0] == "inactive" and person in {None, "deactivated"}
    return tuple(told) if out else shown[1:]


async def _groups(stage: Stage, model: Model) -> list[str]:
    wanted = {group.id: group.name for tenant in model.tenants for group in tenant.groups.values()}
    return differences({row["workos_id"]: row["name"] for row in await stage.sql(_GROUPS)}, wanted)


async def _members(stage: Stage, model: Model) -> list[str]:
    groups = [group for tenant in model.tenants for group in tenant.groups.values()]
    wanted = {f"{group.id} {person}": True for group in groups for person in group.members}
    return differences({row["pair"]: True for row in await stage.sql(_MEMBERS)}, wanted)


async def _sessions(stage: Stage, findings: Findings, model: Model) -> None:
    """Those who are out have none; those who never were out have theirs. In between, both may be."""
    alive = {row["workos_id"]: row["alive"] for row in await stage.sql(_SESSIONS)}
    everybody = [person for tenant in model.tenants for person in tenant.people.values()]
    out = [person for person in everybody if not person.active]
    gone = [person for tenant in model.tenants for person in tenant.gone]
    findings.must_be_zero("out, session alive", [person.id for person in (*out, *gone) if alive.get(person.id)])
    never_out = [person for person in everybody if person.active and not person.out]
    findings.must_be_zero("in, session ended", [person.id for person in never_out if alive.get(person.id) is False])
