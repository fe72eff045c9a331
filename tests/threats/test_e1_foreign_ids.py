"""E1: another tenant's real ids, on every route that takes one, look exactly like ids that do not exist."""

import itertools
import re
from typing import Any
from uuid import UUID

import pytest

from app.access.permissions import ROUTES, reach
from app.access.roles import CLIENT_ADMIN
from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage
from tests.sso.provider import saml_body
from tests.threats.tenancy import fill, secrets_of

REQUEST_ID = {"X-Request-Id": "the-same-for-both"}
NAMING = [(method, path) for method, path in ROUTES if "{" in path]
FILTERS = [
    ("GET", "/api/auth/sso/connections"),
    ("POST", "/api/auth/sso/connections"),
    ("GET", "/api/directories"),
    ("GET", "/api/users"),
    ("GET", "/api/audit/events"),
    ("GET", "/api/audit/events/export"),
    ("GET", "/api/audit/verify"),
    ("GET", "/api/integrations/workos/status"),
]
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/organizations/{organization_id}"): {"name": "Taken over"},
    ("PUT", "/api/organizations/{organization_id}/role-mappings"): {"rules": []},
    ("POST", "/api/organizations/{organization_id}/role-mappings/preview"): {"rules": []},
    ("PUT", "/api/organizations/{organization_id}/attribute-mappings"): {"mappings": {}},
    ("PATCH", "/api/organizations/{organization_id}/sso"): {"enabled": False},
    ("PUT", "/api/organizations/{organization_id}/sso/configuration"): saml_body(),
    ("PATCH", "/api/users/{person_id}"): {"state": "inactive"},
    ("PUT", "/api/users/{person_id}/roles"): {"roles": ["ROLE_MEMBER"]},
}
UNKNOWN = {
    "organization_id": [str(UUID(int=7)), "org_01UNKNOWN"],
    "connection_id": [str(UUID(int=7)), "conn_01UNKNOWN"],
    "session_id": [str(UUID(int=7)), str(UUID(int=8))],
    "event_id": [str(UUID(int=7)), str(UUID(int=8))],
    "directory_id": [str(UUID(int=7)), "directory_01UNKNOWN"],
    "user_id": [str(UUID(int=9)), "directory_user_01UNKNOWN"],
    "person_id": [str(UUID(int=9)), str(UUID(int=1))],
    "group_id": [str(UUID(int=9)), "directory_group_01UNKNOWN"],
    "run_id": [str(UUID(int=9)), str(UUID(int=10))],
    "test_id": [str(UUID(int=9)), str(UUID(int=10))],
    "alert_id": [str(UUID(int=9)), str(UUID(int=10))],
    "client_id": [str(UUID(int=9)), str(UUID(int=10))],
}


async def ids_of(tenant: Tenant) -> dict[str, list[str]]:
    """Return a tenant's real ids, ours and WorkOS's, by the name of the path parameter that takes them."""
    session = await tenant.stage.sql("select id from sessions where organization_id = $1", tenant.id)
    event = await tenant.stage.sql("select id from webhook_events where organization_id = $1", tenant.id)
    (directory,), (person,), (club,) = [
        await tenant.stage.sql(f"select id, workos_id from {table} where organization_id = $1", tenant.id)  # noqa: S608 -- our own tables
        for table in ("directories", "directory_users", "directory_groups")
    ]
    user = await tenant.stage.sql("select id from users where organization_id = $1", tenant.id)
    run = await tenant.stage.sql("select id from directory_sync_runs where organization_id = $1", tenant.id)
    test = await tenant.stage.sql("select id from connection_tests where organization_id = $1", tenant.id)
    alert = await tenant.stage.sql("select id from alerts where organization_id = $1", tenant.id)
    service = await tenant.stage.sql("select id from service_clients where name = $1", tenant.workos_id)
    return {
        "client_id": [str(service[0]["id"])] * 2,
        "run_id": [str(run[0]["id"])] * 2,
        "test_id": [str(test[0]["id"])] * 2,
        "alert_id": [str(alert[0]["id"])] * 2,
        "person_id": [str(user[0]["id"])] * 2,
        "directory_id": [str(directory["id"]), directory["workos_id"]],
        "user_id": [str(person["id"]), person["workos_id"]],
        "group_id": [str(club["id"]), club["workos_id"]],
        "organization_id": [str(tenant.id), tenant.workos_id],
        "connection_id": [str(tenant.connection_id), tenant.connection_workos_id],
        "session_id": [str(session[0]["id"])] * 2,
        "event_id": [str(event[0]["id"])] * 2,
    }


async def asked(
    browser: Browser, method: str, path: str, *identifiers: str, body: dict[str, Any] | None = None
) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Return an answer with the ids struck out of it."""
    answer = await browser.api(method, path, headers=REQUEST_ID, **({"json": body} if body else {}))
    headers = [(name, value) for name, value in answer.headers.items() if name != "content-length"]
    said = answer.content
    # The longest first: one of the builders' ids may hold another.
    for identifier in sorted(identifiers, key=len, reverse=True):
        said = said.replace(identifier.encode(), b"{id}")
    return answer.status_code, said, headers


@pytest.fixture
async def victim(stage: Stage) -> Tenant:
    tenant = await a_tenant(stage)
    await fill(tenant)
    return tenant


@pytest.mark.parametrize("who", ["ada", "sam", "mia"])
async def test_e1_a_foreign_id_is_like_an_unknown_one(who: str, tenant: Tenant, victim: Tenant) -> None:
    browser = await tenant.signed_in(who)
    theirs = await ids_of(victim)
    for method, path in NAMING:
        names = re.findall(r"{(\w+)}", path)
        for form in (0, 1):
            real, unknown = ({name: ids[name][form] for name in names} for ids in (theirs, UNKNOWN))
            body = BODIES.get((method, path))
            found = await asked(browser, method, path.format(**real), *real.values(), body=body)
            nothing = await asked(browser, method, path.format(**unknown), *unknown.values(), body=body)
            assert found == nothing, f"{method} {path} with {real}"
            assert found[0] in {403, 404}
            if who == "ada" and reach(str(ROUTES[method, path]), (CLIENT_ADMIN,)):
                assert found[0] == 404


async def test_e1_a_foreign_person_or_group_is_in_no_directory_of_ours(tenant: Tenant, victim: Tenant) -> None:
    await fill(tenant)
    browser = await tenant.signed_in()
    ours, theirs = await ids_of(tenant), await ids_of(victim)
    inside = f"/api/directories/{ours['directory_id'][0]}"
    for path, name in (("/users/{}", "user_id"), ("/groups/{}/users", "group_id"), ("/users?group={}", "group_id")):
        assert (await browser.api("GET", inside + path.format(ours[name][0]))).status_code == 200
        for real, unknown in zip(theirs[name], UNKNOWN[name], strict=True):
            found = await asked(browser, "GET", inside + path.format(real), real)
            assert found == await asked(browser, "GET", inside + path.format(unknown), unknown)
            assert found[0] == 404


async def test_e1_a_foreign_organization_in_a_filter_is_like_an_unknown_one(tenant: Tenant, victim: Tenant) -> None:
    browser = await tenant.signed_in()
    for (method, path), real, unknown in itertools.product(FILTERS, (str(victim.id), victim.workos_id), ("org_01NO",)):
        found = await asked(browser, method, f"{path}?organization={real}", real)
        nothing = await asked(browser, method, f"{path}?organization={unknown}", unknown)
        assert found == nothing
        assert found[0] == 404


async def test_e1_spellings_of_a_foreign_id_open_nothing(tenant: Tenant, victim: Tenant) -> None:
    browser = await tenant.signed_in()
    plain = str(victim.connection_id)
    for spelling in (plain.upper(), f"{{{plain}}}", f"urn:uuid:{plain}", plain.replace("-", ""), f" {plain}"):
        answer = await browser.api("GET", f"/api/auth/sso/connections/{spelling}")
        assert answer.status_code == 404


async def test_e1_lists_hold_nothing_of_anybody_else(tenant: Tenant, victim: Tenant) -> None:
    for who in ("ada", "sam", "mia"):
        browser = await tenant.signed_in(who)
        for path in (
            "/api/organizations",
            "/api/auth/sso/connections",
            "/api/directories",
            "/api/users",
            "/api/webhooks/events",
            "/api/audit/events",
            "/api/audit/events/export",
            "/api/audit/verify",
            "/api/integrations/workos/status",
            "/auth/sessions",
            "/auth/session",
        ):
            said = (await browser.api("GET", path, params={"limit": "100"} if path.startswith("/api") else {})).text
            assert not [word for word in secrets_of(victim) if word in said]


async def test_e1_the_victim_is_unchanged_and_its_session_lives(tenant: Tenant, victim: Tenant) -> None:
    browser = await tenant.signed_in()
    before = await victim.stage.sql("select name, state, version from organizations where id = $1", victim.id)
    session = (await ids_of(victim))["session_id"][0]
    await browser.api("PATCH", f"/api/organizations/{victim.id}", json={"state": "suspended"})
    person = (await ids_of(victim))["person_id"][0]
    people = await victim.stage.sql("select * from users where organization_id = $1", victim.id)
    await browser.api("PATCH", f"/api/users/{person}", json={"state": "inactive"})
    await browser.api("PUT", f"/api/users/{person}/roles", json={"roles": ["ROLE_MEMBER"]})
    await browser.api("DELETE", f"/api/users/{person}/sessions/{session}")
    await browser.api("DELETE", f"/api/users/{person}/sessions")
    await browser.api("DELETE", f"/auth/sessions/{session}")
    await browser.api("DELETE", "/auth/sessions")
    assert await victim.stage.sql("select * from users where organization_id = $1", victim.id) == people
    assert await victim.stage.sql("select name, state, version from organizations where id = $1", victim.id) == before
    (row,) = await victim.stage.sql("select ended_at from sessions where id = $1::text::uuid", session)
    assert row["ended_at"] is None


async def test_e1_a_foreign_directory_in_a_filter_of_people_is_like_an_unknown_one(
    tenant: Tenant, victim: Tenant
) -> None:
    browser, theirs = await tenant.signed_in(), (await ids_of(victim))["directory_id"]
    for real, unknown in zip(theirs, UNKNOWN["directory_id"], strict=True):
        found = await asked(browser, "GET", f"/api/users?directory={real}", real)
        assert found == await asked(browser, "GET", f"/api/users?directory={unknown}", unknown)
        assert found[0] == 404
