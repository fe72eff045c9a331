"""What must hold: at every step nobody is in whom the newest applied fact removed; at the end all is as the company."""

from collections.abc import Mapping
from uuid import UUID

from tests.builders import a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.webhooks.machine.company import Human
from tests.webhooks.machine.world import World

BYSTANDING = 6
"""Rows of the other tenant: two people, one of them in a directory and in a group, the other with a session."""
_LEFT = """
select event, status, last_error from webhook_events where event_id = any ($1) and status not in ('done', 'skipped')
"""
_PEOPLE = """
select d.workos_id, d.state, d.email, d.last_name, u.state as person, u.mapped_role as role
from directory_users d left join users u on u.id = d.user_id where d.organization_id = $1 and d.state <> 'deleted'
"""
_GROUPS = "select workos_id, name from directory_groups where organization_id = $1 and state = 'active'"
_MEMBERS = """
select g.workos_id || ' ' || u.workos_id as pair from directory_memberships m
join directory_groups g on g.id = m.group_id join directory_users u on u.id = m.directory_user_id
where m.organization_id = $1 and m.member and g.state = 'active' and u.state in ('active', 'inactive')
"""
_USERS = "select email_lower, state from users where organization_id = $1 and email_lower like 'h%'"
_ALIVE = "select id from sessions where organization_id = $1 and ended_at is null"


async def nobody_removed_is_in(world: World) -> None:
    """Fail where somebody is let in, or has a session, whom every newest applied fact about them has removed."""
    if not world.news:
        return
    world.news = False
    out = await removed(world)
    if not out:
        return
    for email, state in await _users(world):
        assert state != "active" or email not in {world.company.email(human) for human in out}, f"{email} is let in"
    alive = {row["id"] for row in await world.sql(_ALIVE)}
    left = [planted.human.name for planted in world.planted if planted.human in out and planted.id in alive]
    assert not left, f"removed, session alive: {left}"


async def removed(world: World) -> list[Human]:
    """Return those of whom every directory user was removed by the newest fact that was applied."""
    settled = await world.settled()
    newest: dict[str, dict[str, bool]] = {}
    for fact in world.facts:  # in the order in which they happened
        known = world.listed if fact.lets_in else world.applied
        if fact.event in settled or fact.number <= known.get(fact.home, -1):
            newest.setdefault(fact.human, {})[fact.entry] = fact.lets_in
    return [human for human in world.company.humans if not any(newest.get(human.name, {"": True}).values())]


async def cannot_sign_in(world: World, human: Human) -> None:
    """Fail where somebody who is removed can sign in at their identity provider, which still knows them."""
    if human in await removed(world):
        browser, tenant = world.inbox.stage.browser(), world.company.tenant
        answer = await browser.sign_in(world.company.email(human), connection=tenant.connection_workos_id)
        assert answer.status_code == 403, f"{human.name}: {answer.text}"
        assert browser.session_cookie is None


async def a_bystander(alone: Inbox) -> UUID:
    """Return another tenant, whose one directory user carries the names that the company's people have."""
    tenant = await a_tenant(alone.stage, ada="MemberPulse Admins")
    await tenant.signed_in()
    home = await a_directory(alone, tenant)
    told = [home.group("MemberPulse Admins", 1), home.user("h0", 1), home.joined("h0", "MemberPulse Admins", 2)]
    assert await alone.applied(*told) == ["done"] * 3
    return tenant.id


async def bystanders(world: World) -> list[object]:
    """Return everything that other tenants' people and directories are."""
    found: list[object] = []
    for table in ("users", "directory_users", "directory_groups", "directory_memberships", "sessions"):
        statement = f"select to_jsonb(t)::text as row from {table} t where organization_id = $1 order by 1"  # noqa: S608 -- constants
        found += [row["row"] for row in await world.owner.fetch(statement, world.bystander)]
    return found


async def everything_is_told(world: World) -> None:
    """Fail where an event of the company's is neither applied nor older news."""
    left = await world.owner.fetch(_LEFT, list(world.numbers))
    assert not left, [dict(row) for row in left]


async def as_the_company(world: World) -> None:
    """Fail where the mirror differs from what is true at WorkOS."""
    company = world.company
    people: dict[str, object] = {}
    for human in company.humans:
        for entry, state in human.entries.items():
            if entry == human.present:
                told = (state, company.email(human), human.last_name)
                people[entry] = (*told, "active", company.role(human)) if state == "active" else told
            elif state in {"unmanaged", "taken over"}:
                people[entry] = "unmanaged"
    found: dict[str, object] = {}
    for row in await world.sql(_PEOPLE):
        if row["workos_id"] not in people and row["state"] == "inactive":
            continue  # of a directory that is deleted: removed, and stays so
        shown = tuple(row)[1:]
        found[row["workos_id"]] = {"unmanaged": "unmanaged", "inactive": shown[:3]}.get(row["state"], shown)
    for entry in people.keys() - found.keys():
        if people[entry] == "unmanaged":
            del people[entry]  # nobody was seen before the directory was gone, and nobody is let in
    _same("people", found, people)
    groups = {row["workos_id"]: row["name"] for row in await world.sql(_GROUPS)}
    _same("groups", groups, {ident: group.name for ident, group in company.groups.items()})
    members = {row["pair"]: True for row in await world.sql(_MEMBERS)}
    wanted = {f"{ident} {member}": True for ident, group in company.groups.items() for member in group.members}
    _same("memberships", members, wanted)


async def people_as_the_company(world: World) -> None:
    """Fail where somebody is let in who is out, is out who is let in, is two, or has a session of before that."""
    company = world.company
    users = await _users(world)
    assert len({email for email, _ in users}) == len(users), f"two people for one: {users}"
    states, wanted = dict(users), dict[str, str]()
    for human in company.humans:
        state = "active" if company.is_in(human) else "deactivated"
        if state == "active" and human.was_out and "active" not in human.entries.values():
            # Let in again shortly before the directory was deleted, and told after it: they stay out, to be safe.
            state = states.get(company.email(human), state)
        if company.email(human) in states or "active" in human.entries.values():
            wanted[company.email(human)] = state
    _same("persons", states, wanted)
    alive = {row["id"] for row in await world.sql(_ALIVE)}
    for planted in world.planted:
        if not company.is_in(planted.human) or any(at > planted.at for at in world.disconnected):
            assert planted.id not in alive, f"{planted.human.name} is out and has a session"
        elif planted.calm and planted.human.touched <= planted.at:
            assert planted.id in alive, f"{planted.human.name} was never out and lost their session"


async def _users(world: World) -> list[tuple[str, str]]:
    return [(row["email_lower"], row["state"]) for row in await world.sql(_USERS)]


def _same(what: str, found: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    keys = sorted(found.keys() | wanted.keys())
    wrong = [f"{key}: {found.get(key)}, not {wanted.get(key)}" for key in keys if found.get(key) != wanted.get(key)]
    assert not wrong, f"{what} that differ: {'; '.join(wrong)}"
