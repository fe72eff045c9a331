"""GET /api/users and what is inside: shapes, filters, pages, who sees whom."""

from typing import Any
from uuid import UUID

import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser, Stage
from tests.syncs import Directory, hired

PATH = "/api/users"


async def listed(browser: Browser, **query: str) -> list[dict[str, Any]]:
    """Return the people of a page."""
    answer = await browser.api("GET", PATH, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def one(browser: Browser, tenant: Tenant, name: str = "ada") -> dict[str, Any]:
    """Return a person of the tenant."""
    answer = await browser.api("GET", f"{PATH}/{await tenant.user_id(name)}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_person_who_signs_in(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    await tenant.signed_in("sam")
    found = await one(ada, tenant, "sam")
    assert {name: found[name] for name in ("object", "email", "first_name", "state", "deactivated_by")} == {
        "object": "user",
        "email": tenant.people["sam"],
        "first_name": "Sam",
        "state": "active",
        "deactivated_by": None,
    }
    assert (found["mapped_role"], found["manual_roles"], found["roles"]) == (
        "ROLE_CLIENT_USER",
        [],
        ["ROLE_CLIENT_USER"],
    )
    assert (found["managed_by"], found["directory_users"], found["sessions_count"]) == ("sso", [], 2)
    assert found["organization_id"] == str(tenant.id)
    assert found["last_login_at"] == stage.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert [person for person in await listed(ada) if person["id"] == found["id"]] == [found]


async def test_only_live_sessions_count(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("sam")
    stage.clock.advance(seconds=8 * 3600 + 1)
    await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    assert (await one(ada, tenant, "sam"))["sessions_count"] == 1
    sessions = await ada.api("GET", f"{PATH}/{await tenant.user_id('sam')}/sessions")
    assert len(sessions.json()["data"]) == 1


async def test_a_person_of_a_directory(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant)
    assert await inbox.applied(home.user("bob", 1), home.user("eve", 1), home.user("eve", 2, "deleted")) == ["done"] * 3
    bob, eve = [(await home.somebody(name))["id"] for name in ("bob", "eve")]
    found = (await ada.api("GET", f"{PATH}/{bob}")).json()
    entry = await home.entry("bob")
    assert found["directory_users"] == [
        {
            "id": str(entry["id"]),
            "workos_id": entry["workos_id"],
            "directory_id": str(entry["directory_id"]),
            "directory_name": (await ada.api("GET", f"/api/directories/{entry['directory_id']}")).json()["name"],
            "state": "active",
        }
    ]
    assert (found["managed_by"], found["last_login_at"], found["sessions_count"]) == ("directory", None, 0)
    gone = (await ada.api("GET", f"{PATH}/{eve}")).json()
    assert (gone["state"], gone["deactivated_by"], gone["managed_by"]) == ("inactive", "directory", "directory")
    assert gone["roles"] == []
    for reference in (home.id, str(entry["directory_id"])):
        assert [person["id"] for person in await listed(ada, directory=reference)] == [str(bob)]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "ada sam mia"),
        ({"email": "SAM@{domain}"}, "sam"),
        ({"email": "sam@{domain}x"}, ""),
        ({"role": "ROLE_CLIENT_ADMIN"}, "ada mia"),
        ({"role": "ROLE_MEMBER"}, "mia"),
        ({"state": "inactive"}, "sam"),
        ({"state": "active"}, "ada mia"),
        ({"search": "AM@"}, "sam"),
        ({"search": "mia te"}, "mia"),
        ({"search": "test"}, "ada sam mia"),
        ({"search": "%"}, ""),
        ({"search": "_"}, ""),
        ({"search": "\\"}, ""),
        ({"organization": "{id}"}, "ada sam mia"),
        ({"organization": "{workos_id}", "search": "ada"}, "ada"),
        ({"role": "ROLE_MEMBER", "state": "inactive"}, ""),
    ],
    ids=str,
)
@pytest.mark.parametrize("operator", [False, True])
async def test_filters(query: dict[str, str], names: str, operator: bool, tenant: Tenant, stage: Stage) -> None:  # noqa: FBT001 -- pytest passes it
    browsers = {name: await tenant.signed_in(name) for name in ("mia", "sam", "ada")}
    await stage.sql(
        "update users set manual_roles = '{ROLE_CLIENT_ADMIN}' where organization_id = $1 and email = $2",
        tenant.id,
        tenant.people["mia"],
    )
    await stage.sql(
        "update users set state = 'deactivated' where organization_id = $1 and email = $2",
        tenant.id,
        tenant.people["sam"],
    )
    asked = {
        name: value.format(domain=tenant.domain, id=tenant.id, workos_id=tenant.workos_id)
        for name, value in query.items()
    }
    browser = await stage.platform_admin() if operator else browsers["ada"]
    if operator:
        asked.setdefault("organization", str(tenant.id))
    assert {person["email"].partition("@")[0] for person in await listed(browser, **asked)} == set(names.split())


async def test_a_platform_administrator_finds_an_address_in_every_tenant(tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    await tenant.signed_in()
    await other.signed_in()
    admin = await stage.platform_admin()
    assert [found["organization_id"] for found in await listed(admin, email=other.people["ada"])] == [str(other.id)]
    newest = await listed(admin, limit="2")
    assert {found["organization_id"] for found in newest} == {str(tenant.id), str(other.id)}
    emergency = "00000000-0000-0000-0000-000000000001"
    assert (await admin.api("GET", f"{PATH}/{emergency}")).status_code == 404
    assert await listed(admin, search="Break Glass") == []


async def test_only_administrators_see_people(tenant: Tenant) -> None:
    for name in ("sam", "mia"):
        assert (await (await tenant.signed_in(name)).api("GET", PATH)).status_code == 403


async def test_pages_go_there_and_back(directory: Directory) -> None:
    tenant = directory.tenant
    ada = await tenant.signed_in("mia")
    await hired(directory, 7)
    await directory.work_off()
    await tenant.stage.sql(
        "update users set mapped_role = 'ROLE_CLIENT_ADMIN' where id = $1", await tenant.user_id("mia")
    )
    await tenant.stage.assembly.live.look()
    tenant.stage.clock.advance(seconds=2)
    whole = [person["id"] for person in await listed(ada)]
    assert len(whole) == 8
    assert whole == sorted(whole, reverse=True)
    assert [person["id"] for person in await listed(ada, order="asc")] == whole[::-1]
    seen: list[str] = []
    before, after = "", dict[str, str]()
    for _ in range(3):
        page = (await ada.api("GET", PATH, params={"limit": "3", **after})).json()
        seen += [person["id"] for person in page["data"]]
        before, after = page["list_metadata"]["before"], {"after": page["list_metadata"]["after"]}
    assert (seen, after["after"]) == (whole, None)
    page = (await ada.api("GET", PATH, params={"limit": "3", "before": before})).json()
    assert [person["id"] for person in page["data"]] == whole[3:6]


async def test_e9_a_cursor_is_good_for_its_list_and_tenant_only(tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    await tenant.signed_in("sam")
    ada, foreign = await tenant.signed_in(), await other.signed_in()
    after = (await ada.api("GET", PATH, params={"limit": "1"})).json()["list_metadata"]["after"]
    assert len(await listed(ada, after=after)) == 1
    assert (await foreign.api("GET", PATH, params={"after": after})).status_code == 422
    assert (await ada.api("GET", "/api/directories", params={"after": after})).status_code == 422


@pytest.mark.parametrize("reference", ["x", "me", str(UUID(int=7)), "a" * 200])
async def test_nobody_is_nobody(reference: str, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    for path in ("", "/roles/explain", "/sessions"):
        answer = await ada.api("GET", f"{PATH}/{reference}{path}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_sessions_are_listed_without_secrets_until_they_end(tenant: Tenant) -> None:
    sam = await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    path = f"{PATH}/{await tenant.user_id('sam')}/sessions"
    (session,) = (await ada.api("GET", path)).json()["data"]
    assert not {"secret_hash", "profile_id"} & set(session)
    assert session["current"] is False
    assert (await sam.api("DELETE", "/auth/sessions")).status_code == 200
    assert (await ada.api("GET", path)).json()["data"] == []
    own = (await ada.api("GET", f"{PATH}/{await tenant.user_id('ada')}/sessions")).json()["data"]
    assert [session["current"] for session in own] == [True]
