"""E10: a group that takes a trusted name gets nothing by it; one that loses it loses nothing; B's name is not A's."""

import contextlib
import dataclasses
from collections.abc import Generator

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

ADMINS = "MemberPulse Admins"


@contextlib.contextmanager
def platform(inbox: Inbox, organization: str) -> Generator[None]:
    """Let this be the platform's own organization (WorkOS's id)."""
    state, runtime = inbox.stage.app.state, inbox.stage.assembly.runtime
    config = runtime.config.model_copy(update={"platform_organization": organization})
    state.runtime = dataclasses.replace(runtime, config=config)
    try:
        yield
    finally:
        state.runtime = runtime


async def test_e10_a_rename_neither_grants_nor_removes(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    told = [home.group(ADMINS, 1), home.group("Canteen", 1), home.user("eve", 1), home.user("bob", 1)]
    await inbox.applied(*told, home.joined("eve", "Canteen", 2), home.joined("bob", ADMINS, 2))
    assert (await home.role("eve"), await home.role("bob")) == ("ROLE_MEMBER", "ROLE_CLIENT_ADMIN")
    renamed = [
        home.group("Former admins", 3, "updated", key=ADMINS),
        home.group(ADMINS, 4, "updated", key="Canteen"),
    ]
    assert await inbox.applied(*renamed) == ["done", "done"]
    assert (await home.role("eve"), await home.role("bob")) == ("ROLE_MEMBER", "ROLE_CLIENT_ADMIN")
    await inbox.applied(home.user("new", 5), home.joined("new", "Canteen", 6))
    assert await home.role("new") == "ROLE_MEMBER"


async def test_e10_a_second_group_of_the_name_gets_nothing(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.group(ADMINS, 1), home.group(ADMINS, 2, key="impostor"), home.user("eve", 1))
    assert await inbox.applied(home.joined("eve", "impostor", 3)) == ["done"]
    assert await home.role("eve") == "ROLE_MEMBER"


async def test_e10_another_organizations_group_of_the_name_changes_nothing(inbox: Inbox, tenant: Tenant) -> None:
    home, other = await a_directory(inbox, tenant), await a_directory(inbox, await a_tenant(inbox.stage))
    await inbox.applied(home.group("Canteen", 1), home.user("eve", 1), home.joined("eve", "Canteen", 2))
    await inbox.applied(other.group(ADMINS, 1), other.user("ada", 1), other.joined("ada", ADMINS, 2))
    assert (await home.role("eve"), await other.role("ada")) == ("ROLE_MEMBER", "ROLE_CLIENT_ADMIN")


async def test_e10_no_clients_group_makes_a_platform_administrator(inbox: Inbox, tenant: Tenant) -> None:
    home, operators = await a_directory(inbox, tenant), "MemberPulse Platform Admins"
    await inbox.applied(home.group(operators, 1), home.user("eve", 1), home.joined("eve", operators, 2))
    assert await home.role("eve") == "ROLE_MEMBER"


async def test_e10_nobody_maps_a_role_above_their_own_nor_takes_one_away(inbox: Inbox, tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    path = f"/api/organizations/{tenant.id}/role-mappings"
    rule = {"role": "ROLE_PLATFORM_ADMIN", "group_name": ADMINS}
    for door, method in ((path, "PUT"), (f"{path}/preview", "POST")):
        answer = await browser.api(method, door, json={"rules": [rule]})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_grantable")
    await tenant.policy(rules_version=1)
    await inbox.stage.sql(
        "insert into role_rules (id, organization_id, position, group_name, role)"
        " values (gen_random_uuid(), $1, 1, 'Operators', 'ROLE_PLATFORM_ADMIN')",
        tenant.id,
    )
    with platform(inbox, tenant.workos_id):
        answer = await browser.api("PUT", path, json={"rules": []})
        assert (answer.status_code, answer.json()["code"]) == (403, "role_not_grantable")
    assert len(await inbox.stage.sql("select 1 from role_rules where organization_id = $1", tenant.id)) == 1


async def test_e10_a_platform_admin_maps_that_role_in_the_platforms_organization_only(
    inbox: Inbox, tenant: Tenant
) -> None:
    browser = await inbox.stage.platform_admin()
    path = f"/api/organizations/{tenant.id}/role-mappings"
    body = {"rules": [{"role": "ROLE_PLATFORM_ADMIN", "group_name": ADMINS}]}
    refused = await browser.api("PUT", path, json=body)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_not_grantable")
    with platform(inbox, tenant.workos_id):
        assert (await browser.api("PUT", path, json=body)).status_code == 200


async def test_e10_a_rule_that_goes_with_its_group_moves_no_other(inbox: Inbox, tenant: Tenant) -> None:
    """A group that is forgotten after 100 days takes its rule along; the first that matches is the first still."""
    home = await a_directory(inbox, tenant)
    people = [home.user("eve", 1), home.joined("eve", "Guests", 2), home.joined("eve", "Staff", 2)]
    await inbox.applied(home.group("Old", 1), home.group("Guests", 1), home.group("Staff", 1), *people)
    columns = "id, organization_id, position, group_id, group_name, role"
    rule = f"insert into role_rules ({columns}) values (gen_random_uuid(), $1, $2, $3, $4, $5)"  # noqa: S608 -- the line above
    (old,) = await inbox.stage.sql("select id from directory_groups where workos_id = $1", home.group_id("Old"))
    await tenant.policy(rules_version=1)
    await inbox.stage.sql(rule, tenant.id, 1, old["id"], None, "ROLE_CLIENT_USER")
    await inbox.stage.sql(rule, tenant.id, 2, None, "Guests", "ROLE_MEMBER")
    await inbox.stage.sql(rule, tenant.id, 3, None, "Staff", "ROLE_CLIENT_ADMIN")
    again = [home.group("Guests", 3, "updated"), home.group("Staff", 3, "updated")]
    await inbox.applied(*again)
    assert await home.role("eve") == "ROLE_MEMBER"
    await inbox.stage.sql("delete from directory_groups where id = $1", old["id"])
    await inbox.applied(home.group("Staff", 4, "updated"))
    positions = await inbox.stage.sql(
        "select rule_position from directory_groups where organization_id = $1 and rule_position is not null"
        " order by rule_position",
        tenant.id,
    )
    assert [row["rule_position"] for row in positions] == [2, 3]
    assert await home.role("eve") == "ROLE_MEMBER"
