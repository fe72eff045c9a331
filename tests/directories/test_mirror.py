"""The mirror follows events about people, groups, memberships; users, roles and sessions follow the mirror."""

import pytest

from app.directories import mirror
from app.directories.told import Put
from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory

ADMINS, STAFF = "MemberPulse Admins", "MemberPulse Staff"


@pytest.fixture
async def home(inbox: Inbox, tenant: Tenant) -> Home:
    """A synced directory of the tenant."""
    return await a_directory(inbox, tenant)


async def states(home: Home, *names: str) -> list[str]:
    return [(await home.somebody(name))["state"] for name in names]


@pytest.mark.parametrize("form", ["today's", "the seed's"])
async def test_a_person_is_created_and_changed(inbox: Inbox, home: Home, form: str) -> None:
    told = home.user if form == "today's" else home.seeds_user
    assert await inbox.applied(told("eve", 1)) == ["done"]
    first = await home.somebody("eve")
    assert (first["email"], first["first_name"], first["state"]) == (f"eve@{home.tenant.domain}", "Eve", "active")
    assert first["mapped_role"] == "ROLE_MEMBER"
    assert await inbox.applied(told("eve", 2, "updated", first_name="Eva")) == ["done"]
    second = await home.somebody("eve")
    assert (second["id"], second["first_name"]) == (first["id"], "Eva")


async def test_an_update_of_somebody_unknown_creates_them(inbox: Inbox, home: Home) -> None:
    assert await inbox.applied(home.user("eve", 1, "updated")) == ["done"]
    assert await states(home, "eve") == ["active"]


@pytest.mark.parametrize("state", ["inactive", "suspended"])
async def test_who_is_switched_off_is_deactivated_and_comes_back(inbox: Inbox, home: Home, state: str) -> None:
    assert await inbox.applied(home.user("eve", 1), home.user("eve", 2, "updated", state=state)) == ["done", "done"]
    assert await states(home, "eve") == ["deactivated"]
    assert await inbox.applied(home.user("eve", 3, "updated")) == ["done"]
    assert await states(home, "eve") == ["active"]


async def test_whoever_signed_in_before_is_the_same_person(inbox: Inbox, tenant: Tenant) -> None:
    await tenant.signed_in("ada")
    sub = await tenant.user_id("ada")
    home = await a_directory(inbox, tenant)
    assert await inbox.applied(home.user("ada", 1)) == ["done"]
    assert (await home.somebody("ada"))["id"] == sub


async def test_a_rehire_by_the_same_idp_id_is_the_same_sub(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.user("eve", 1), home.user("eve", 2, "deleted"))
    before = await home.somebody("eve")
    assert before["state"] == "deactivated"
    again = home.user("eve2", 3, idp_id=home.person("eve")["idp_id"], email=f"new@{home.tenant.domain}")
    assert await inbox.applied(again) == ["done"]
    after = await home.somebody("eve2")
    assert (after["id"], after["state"], after["email"]) == (before["id"], "active", f"new@{home.tenant.domain}")


async def test_a_rehire_has_no_role_that_was_given_by_hand_before(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.user("eve", 1))
    given = "update users set manual_roles = '{ROLE_CLIENT_ADMIN}' where id = $1"
    await home.tenant.stage.sql(given, (await home.somebody("eve"))["id"])
    await inbox.applied(home.user("eve", 2, "updated", first_name="Eva"))
    assert (await home.somebody("eve"))["manual_roles"] == ["ROLE_CLIENT_ADMIN"]
    await inbox.applied(home.user("eve", 3, "deleted"))
    await inbox.applied(home.user("eve2", 4, idp_id=home.person("eve")["idp_id"]))
    again = await home.somebody("eve2")
    assert (again["id"], again["state"], again["manual_roles"]) == ((await home.somebody("eve"))["id"], "active", [])


async def test_a_new_directory_takes_people_over(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.group(ADMINS, 1), home.user("eve", 1), home.joined("eve", ADMINS, 2))
    before = await home.somebody("eve")
    assert before["mapped_role"] == "ROLE_CLIENT_ADMIN"
    assert await inbox.applied(home.gone(3)) == ["done"]
    assert (await home.entry("eve"))["state"] == "unmanaged"
    assert await home.role("eve") == "ROLE_MEMBER"
    other = await a_directory(inbox, home.tenant, 4)
    told = [other.group(STAFF, 5), other.user("eve", 5), other.joined("eve", STAFF, 6)]
    assert await inbox.applied(*told) == ["done"] * 3
    after = await other.somebody("eve")
    assert (after["id"], after["state"], after["mapped_role"]) == (before["id"], "active", "ROLE_CLIENT_USER")


async def test_a_member_before_the_person_waits(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.group(STAFF, 1))
    early = home.joined("eve", STAFF, 3)
    assert await inbox.applied(early) == ["parked"]
    assert await inbox.applied(home.user("eve", 2)) == ["done"]
    assert (await inbox.row(early["id"]))["status"] == "done"
    assert await home.role("eve") == "ROLE_CLIENT_USER"


async def test_a_deleted_group_gives_no_role(inbox: Inbox, home: Home) -> None:
    await inbox.applied(home.group(ADMINS, 1), home.user("eve", 1), home.joined("eve", ADMINS, 2))
    assert await home.role("eve") == "ROLE_CLIENT_ADMIN"
    assert await inbox.applied(home.group(ADMINS, 3, "deleted")) == ["done"]
    assert await home.role("eve") == "ROLE_MEMBER"


async def test_two_people_with_one_address_are_two(inbox: Inbox, home: Home) -> None:
    shared = f"office@{home.tenant.domain}"
    events = [home.user("eve", 1, email=shared), home.user("bob", 2, email=shared)]
    assert await inbox.applied(*events) == ["done", "done"]
    assert (await home.somebody("eve"))["id"] != (await home.somebody("bob"))["id"]
    assert await inbox.applied(home.user("eve", 3, "deleted")) == ["done"]
    assert await states(home, "eve", "bob") == ["deactivated", "active"]


async def test_128_events_of_one_directory_go_in_one_step(inbox: Inbox, home: Home) -> None:
    events = [home.user(f"p{number}", 1) for number in range(128)]
    for event in events:
        await inbox.deliver(event)
    assert await inbox.work_off() == 1
    rows = await inbox.stage.sql("select state from users where organization_id = $1", home.tenant.id)
    assert [row["state"] for row in rows] == ["active"] * 128


async def test_one_poison_spoils_no_other_of_its_batch(
    inbox: Inbox, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    poison_people(monkeypatch)
    events = [home.user(f"p{number}", 1, first_name="Poison" if number == 7 else "Good") for number in range(20)]
    found = await inbox.applied(*events)
    assert [number for number, status in enumerate(found) if status != "done"] == [7]
    assert found[7] == "pending"
    rows = await inbox.stage.sql("select first_name from users where organization_id = $1", home.tenant.id)
    assert [row["first_name"] for row in rows] == ["Good"] * 19


def poison_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make whatever tells of somebody called Poison fail after it was written."""
    put_people = mirror.Mirror.put_people

    async def poisoned(self: mirror.Mirror, directory: mirror.UUID, told: list[mirror.PersonTold]) -> list[Put]:
        done = await put_people(self, directory, told)
        if any(one.first_name == "Poison" for one in told):
            raise ValueError("Jane Doe")
        return done

    monkeypatch.setattr(mirror.Mirror, "put_people", poisoned)
