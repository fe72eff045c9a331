"""Role mappings: ordered rules by id or name, for everybody at once, tried before they count."""

import asyncio
import json
from typing import Any

import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import Home, a_directory
from tests.gateway import Browser

ADMIN, USER, MEMBER = "ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER", "ROLE_MEMBER"
ADMINS, STAFF, MEMBERS = "MemberPulse Admins", "MemberPulse Staff", "MemberPulse Members"


@pytest.fixture
async def home(inbox: Inbox, tenant: Tenant) -> Home:
    """A synced directory: Ada administrates, Eve is in Canteen and Drivers, Bob in Drivers, Tom in nothing."""
    home = await a_directory(inbox, tenant)
    clubs = [home.group(name, 1) for name in (ADMINS, "Canteen", "Drivers")]
    people = [home.user(name, 1) for name in ("ada", "eve", "bob", "tom")]
    joined = [("ada", ADMINS), ("eve", "Canteen"), ("eve", "Drivers"), ("bob", "Drivers")]
    await inbox.applied(*clubs, *people, *(home.joined(name, group, 2) for name, group in joined))
    return home


@pytest.fixture
async def ada(home: Home) -> Browser:
    """The browser of the tenant's administrator."""
    return await home.tenant.signed_in()


def named(name: str, role: str, **more: str) -> dict[str, str]:
    return {"role": role, "group_name": name, **more}


KEPT = named(ADMINS, ADMIN)


async def put(browser: Browser, tenant: Tenant, *rules: dict[str, str], **headers: str) -> Any:  # noqa: ANN401 -- an answer
    path = f"/api/organizations/{tenant.workos_id}/role-mappings"
    # As ASCII: a client may send half an emoji, which httpx's own JSON refuses.
    body = json.dumps({"rules": rules}).encode()
    headers["Content-Type"] = "application/json"
    return await browser.api("PUT", path, content=body, headers=headers)


async def preview(browser: Browser, tenant: Tenant, *rules: dict[str, str]) -> dict[str, Any]:
    path = f"/api/organizations/{tenant.id}/role-mappings/preview"
    answer = await browser.api("POST", path, json={"rules": list(rules)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def roles(home: Home, *names: str) -> list[str]:
    return [await home.role(name) for name in names]


async def test_the_default_rules_count_until_a_tenant_has_its_own(tenant: Tenant, ada: Browser) -> None:
    answer = await ada.api("GET", f"/api/organizations/{tenant.id}/role-mappings")
    found = answer.json()
    assert (found["source"], found["version"], answer.headers["etag"]) == ("default", 0, '"0"')
    assert [(rule["group_name"], rule["role"]) for rule in found["rules"]] == [
        (ADMINS, ADMIN), (STAFF, USER), (MEMBERS, MEMBER)
    ]  # fmt: skip
    (group,) = found["rules"][0]["groups"]
    assert (group["name"], group["members_count"]) == (ADMINS, 1)
    assert [rule["groups"] for rule in found["rules"][1:]] == [[], []]


async def test_the_first_rule_that_matches_wins_and_everybody_follows_at_once(
    tenant: Tenant, home: Home, ada: Browser
) -> None:
    answer = await put(ada, tenant, KEPT, named("Canteen", MEMBER), named("Drivers", USER))
    assert answer.status_code == 200, answer.text
    assert await roles(home, "ada", "eve", "bob", "tom") == [ADMIN, MEMBER, USER, MEMBER]
    assert (await put(ada, tenant, KEPT, named("Drivers", USER), named("Canteen", MEMBER))).status_code == 200
    assert await roles(home, "eve", "bob") == [USER, USER]
    said = (await ada.api("GET", f"/api/organizations/{tenant.id}/role-mappings")).json()
    assert (said["source"], said["version"]) == ("organization", 2)
    assert [[group["members_count"] for group in rule["groups"]] for rule in said["rules"]] == [[1], [2], [1]]


@pytest.mark.parametrize("form", ["ours", "workos's"])
async def test_a_rule_by_id_is_for_that_group_alone_whatever_it_is_called(
    inbox: Inbox, tenant: Tenant, home: Home, ada: Browser, form: str
) -> None:
    workos_id = home.group_id("Drivers")
    (row,) = await tenant.stage.sql("select id from directory_groups where workos_id = $1", workos_id)
    group = {"ours": str(row["id"]).upper(), "workos's": workos_id}[form]
    answer = await put(ada, tenant, KEPT, {"role": USER, "group_id": group})
    assert answer.json()["rules"][1]["match"] == "id"
    assert answer.json()["rules"][1]["group_id"] == str(row["id"])
    await inbox.applied(home.group("Renamed", 3, "updated", key="Drivers"), home.group("Drivers", 4, key="other"))
    await inbox.applied(home.joined("tom", "other", 5))
    assert await roles(home, "bob", "tom") == [USER, MEMBER]


async def test_a_rule_of_one_directory_says_nothing_in_another(
    inbox: Inbox, tenant: Tenant, home: Home, ada: Browser
) -> None:
    other = await a_directory(inbox, tenant, 3)
    await inbox.applied(other.group("Drivers", 4), other.user("kim", 4), other.joined("kim", "Drivers", 5))
    assert (await put(ada, tenant, KEPT, named("Drivers", USER, directory_id=other.id))).status_code == 200
    assert (await home.role("bob"), await other.role("kim")) == (MEMBER, USER)
    mixed = {"role": USER, "group_id": home.group_id("Drivers"), "directory_id": other.id}
    assert (await put(ada, tenant, KEPT, mixed)).status_code == 422


async def test_a_lowered_role_counts_at_once_in_a_session_that_lives(tenant: Tenant, home: Home, ada: Browser) -> None:
    tenant.people["bob"] = f"bob@{tenant.domain}"
    tenant.stage.twin.add_person(
        tenant.workos_id,
        email=tenant.people["bob"],
        idp_id=home.person("bob")["idp_id"],
        first_name="Bob",
        last_name="Mirrored",
    )
    await put(ada, tenant, KEPT, named("Drivers", ADMIN))
    bob = await tenant.signed_in("bob")
    token = await bob.access_token()
    header = {"Authorization": f"Bearer {token}"}
    path = f"/api/organizations/{tenant.id}/role-mappings"
    assert (await bob.http.get(path, headers=header)).status_code == 200
    await put(ada, tenant, KEPT, named("Drivers", MEMBER))
    async with asyncio.timeout(1):
        while (await bob.http.get(path, headers=header)).status_code != 403:
            await asyncio.sleep(0.02)
    assert (await bob.api("GET", "/auth/session")).json()["roles"] == [MEMBER]


async def test_a_preview_names_who_gains_and_loses_and_changes_nothing(
    tenant: Tenant, home: Home, ada: Browser
) -> None:
    await put(ada, tenant, KEPT, named("Canteen", USER))
    rows = "select * from role_rules where organization_id = $1 order by position"
    audited = "select count(*) from audit_events where organization_id = $1"
    before = [await tenant.stage.sql(query, tenant.id) for query in (rows, audited)]
    found = await preview(ada, tenant, KEPT, named("Drivers", ADMIN), named("Canteen", USER))
    assert {(one["email"].partition("@")[0], one["before"], one["after"]) for one in found["people"]} == {
        ("eve", USER, ADMIN), ("bob", MEMBER, ADMIN)
    }  # fmt: skip
    assert (found["gained"], found["lost"], found["warnings"]) == (2, 0, [])
    assert [await tenant.stage.sql(query, tenant.id) for query in (rows, audited)] == before
    assert await roles(home, "eve", "bob") == [USER, MEMBER]


async def test_a_preview_warns_of_the_last_administrator_and_of_ones_own_role(tenant: Tenant, ada: Browser) -> None:
    found = await preview(ada, tenant, named("Canteen", USER))
    assert [warning["code"] for warning in found["warnings"]] == ["last_admin", "own_access"]
    assert (found["gained"], found["lost"]) == (1, 1)
    shared = await preview(ada, tenant, named("Canteen", ADMIN))
    assert [warning["code"] for warning in shared["warnings"]] == ["own_access"]


async def test_who_signed_in_without_a_directory_loses_a_role_that_no_rule_grants(tenant: Tenant) -> None:
    ada, sam = await tenant.signed_in("ada"), await tenant.signed_in("sam")
    assert (await sam.api("GET", "/auth/session")).json()["roles"] == [USER]
    assert (await put(ada, tenant, KEPT)).status_code == 200
    assert (await sam.api("GET", "/auth/session")).json()["roles"] == [MEMBER]
    assert (await ada.api("GET", "/auth/session")).json()["roles"] == [ADMIN]


async def test_if_match_keeps_two_administrators_from_overwriting_each_other(tenant: Tenant, ada: Browser) -> None:
    first = await put(ada, tenant, KEPT, **{"If-Match": '"0"'})
    assert (first.status_code, first.headers["etag"]) == (200, '"1"')
    late = await put(ada, tenant, KEPT, named("Canteen", USER), **{"If-Match": '"0"'})
    assert (late.status_code, late.json()["code"]) == (412, "version_outdated")
    assert len((await ada.api("GET", f"/api/organizations/{tenant.id}/role-mappings")).json()["rules"]) == 1
    assert (await put(ada, tenant, KEPT, **{"If-Match": "1"})).status_code == 400


async def test_a_foreign_group_or_directory_is_like_one_that_is_not_there(
    inbox: Inbox, tenant: Tenant, ada: Browser
) -> None:
    other = await a_directory(inbox, await a_tenant(inbox.stage))
    await inbox.applied(other.group("Drivers", 1))
    for rule in (
        {"role": USER, "group_id": other.group_id("Drivers")},
        {"role": USER, "group_id": "directory_group_01NO"},
        {"role": USER, "group_name": "x", "directory_id": other.id},
        {"role": USER, "group_name": "x", "directory_id": "directory_01NO"},
    ):
        answer = await put(ada, tenant, KEPT, rule)
        assert answer.status_code == 422
        assert "Rule 2 names a" in answer.json()["detail"]
        assert "is not here" in answer.json()["detail"]


@pytest.mark.parametrize(
    "rule",
    [
        {"role": USER},
        {"role": USER, "group_name": "x", "group_id": "y"},
        {"role": USER, "group_name": ""},
        {"role": USER, "group_name": "a\x00b"},
        {"role": USER, "group_id": "\ud800"},
        {"role": "service", "group_name": "x"},
        {"role": "ROLE_OWNER", "group_name": "x"},
        {"group_name": "x"},
        {"role": USER, "group_name": "x", "note": "y"},
        KEPT,
    ],
    ids=str,
)
async def test_bad_rules_are_refused_whole(rule: dict[str, str], tenant: Tenant, ada: Browser) -> None:
    answer = await put(ada, tenant, KEPT, rule)
    assert answer.status_code == 422, answer.text
    assert await tenant.stage.sql("select 1 from role_rules where organization_id = $1", tenant.id) == []


async def test_what_changed_and_who_did_it_is_audited(tenant: Tenant, ada: Browser) -> None:
    await put(ada, tenant, KEPT, named("Canteen", USER))
    (row,) = await tenant.stage.sql(
        "select actor_id, metadata from audit_events where organization_id = $1 and action = 'role_mappings.changed'",
        tenant.id,
    )
    assert row["actor_id"] == str(await tenant.user_id())
    assert "Canteen" in row["metadata"]
