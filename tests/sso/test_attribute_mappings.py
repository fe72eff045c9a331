"""Attribute mappings: which attributes feed which fields, at sign-ins, by events and by full syncs."""

import json
from typing import Any

import pytest

from app.users.attributes import DEFAULTS
from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser
from tests.syncs import Directory, hired

ADMIN, MEMBER = "ROLE_CLIENT_ADMIN", "ROLE_MEMBER"
URN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@pytest.fixture
async def ada(tenant: Tenant) -> Browser:
    """The browser of the tenant's administrator."""
    return await tenant.signed_in()


async def put(browser: Browser, tenant: Tenant, headers: dict[str, str] | None = None, **fields: Any) -> Any:  # noqa: ANN401 -- an answer
    path = f"/api/organizations/{tenant.workos_id}/attribute-mappings"
    return await browser.api("PUT", path, json={"mappings": fields}, headers=headers or {})


async def read(browser: Browser, tenant: Tenant) -> Any:  # noqa: ANN401 -- an answer
    return await browser.api("GET", f"/api/organizations/{tenant.id}/attribute-mappings")


async def me(browser: Browser) -> dict[str, Any]:
    found: dict[str, Any] = (await browser.api("GET", "/auth/session")).json()
    return found


def profile(tenant: Tenant, **changes: Any) -> None:  # noqa: ANN401 -- any value WorkOS may send
    tenant.stage.twin.override_profile(changes, connection=tenant.connection_workos_id)


async def test_the_default_mapping_counts_until_a_tenant_has_its_own(tenant: Tenant, ada: Browser) -> None:
    answer = await read(ada, tenant)
    found = answer.json()
    assert (found["version"], found["source"], answer.headers["etag"]) == (0, "default", '"0"')
    assert found["mappings"] == found["defaults"] == {field: list(paths) for field, paths in DEFAULTS.items()}
    assert found["required"] == ["email", "first_name", "last_name"]


async def test_a_field_that_is_left_out_is_fed_as_by_default(tenant: Tenant, ada: Browser) -> None:
    answer = await put(ada, tenant, department=["custom_attributes.unit"], job_title=[])
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found == (await read(ada, tenant)).json()
    assert (found["version"], found["source"]) == (1, "organization")
    changed = {"department": ["custom_attributes.unit"], "job_title": []}
    assert found["mappings"] == {**found["defaults"], **changed}
    back = (await put(ada, tenant)).json()
    assert (back["version"], back["source"], back["mappings"]) == (2, "default", back["defaults"])


async def test_the_next_sign_in_follows_and_the_session_of_before_does_not(tenant: Tenant, ada: Browser) -> None:
    await put(ada, tenant, department=["custom_attributes.unit", "custom_attributes.department_name"], job_title=[])
    assert (await me(ada))["user"]["department"] == "Research"
    profile(tenant, custom_attributes={"unit": "Orbit", "department_name": "Research", "job_title": "Tester"})
    user = (await me(await tenant.signed_in()))["user"]
    assert (user["department"], user["job_title"]) == ("Orbit", None)
    profile(tenant, custom_attributes={"unit": "", "department_name": "Research"})
    assert (await me(await tenant.signed_in()))["user"]["department"] == "Research"


async def test_names_with_dots_are_written_in_brackets(tenant: Tenant, ada: Browser) -> None:
    path = f'raw_attributes["{URN}"]["department"]'
    found = (await put(ada, tenant, department=[path])).json()
    assert found["mappings"]["department"] == [f'raw_attributes["{URN}"].department']
    profile(tenant, raw_attributes={URN: {"department": "Deep"}})
    assert (await me(await tenant.signed_in()))["user"]["department"] == "Deep"


async def test_what_is_missing_is_named_as_the_tenant_maps_it(tenant: Tenant, ada: Browser) -> None:
    await put(ada, tenant, first_name=["custom_attributes.call_me", "custom_attributes.alias"])
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (422, "attribute_missing")
    assert "map custom_attributes.call_me or custom_attributes.alias in" in answer.json()["detail"]


@pytest.mark.parametrize("told", ["MemberPulse Admins", ["MemberPulse Admins"], [{"display": "MemberPulse Admins"}]])
async def test_roles_say_where_a_sign_ins_groups_are(tenant: Tenant, ada: Browser, told: object) -> None:
    await put(ada, tenant, roles=["custom_attributes.rights", "groups"])
    profile(tenant, custom_attributes={"rights": told})
    assert (await me(await tenant.signed_in("mia")))["roles"] == [ADMIN]
    profile(tenant, custom_attributes={"rights": []})
    assert (await me(await tenant.signed_in("sam")))["roles"] == ["ROLE_CLIENT_USER"]
    assert (await put(ada, tenant, roles=[])).status_code == 200
    assert (await me(await tenant.signed_in("sam")))["roles"] == [MEMBER]


async def test_a_sign_in_that_the_identity_provider_began_follows_too(tenant: Tenant, ada: Browser) -> None:
    await tenant.policy(allow_idp_initiated=True)
    await put(ada, tenant, email=["custom_attributes.mail"])
    address = f"other@{tenant.domain}"
    profile(tenant, custom_attributes={"mail": address})
    browser = tenant.stage.browser()
    asked = await browser.visit(tenant.stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"]))
    assert f"<strong>{address}</strong>" in asked.text
    ticket = asked.text.partition('name="ticket" value="')[2].partition('"')[0]
    answer = await browser.http.post("/auth/sso/continue", data={"ticket": ticket}, headers={"Origin": browser.base})
    assert answer.status_code == 303, answer.text
    assert (await me(browser))["user"]["email"] == address


async def test_the_next_event_of_a_directory_follows(inbox: Inbox, tenant: Tenant, ada: Browser) -> None:
    home = await a_directory(inbox, tenant)
    attributes = {"department_name": "Mirrors", "unit": "Orbit", "mail": f"eve.mail@{tenant.domain}"}
    await inbox.applied(home.user("eve", 1, custom_attributes=attributes))
    assert (await home.somebody("eve"))["department"] == "Mirrors"
    await put(ada, tenant, department=["custom_attributes.unit"], email=["custom_attributes.mail", "email"])
    assert (await home.somebody("eve"))["department"] == "Mirrors"
    await inbox.applied(home.user("eve", 2, "updated", custom_attributes=attributes))
    found = await home.somebody("eve")
    assert (found["department"], found["email"]) == ("Orbit", attributes["mail"])
    unseen = home.user("kim", 3, "deleted", custom_attributes={"mail": f"kim.mail@{tenant.domain}"})
    await inbox.applied(unseen)
    assert (await home.entry("kim"))["email"] == f"kim.mail@{tenant.domain}"


async def test_the_next_full_sync_follows_though_nobody_changed(tenant: Tenant, directory: Directory) -> None:
    await hired(directory, 2)
    await directory.work_off()
    rows = "select count(*) filter (where job_title = 'CTO') as n from directory_users where organization_id = $1"
    admin = await tenant.stage.platform_admin()
    for person in directory.twin.world.people.values():
        if person.directory_id == directory.workos_id:
            directory.twin.change_person(person.id, custom_attributes={"rank": "CTO"})
    await directory.synced()
    assert (await tenant.stage.sql(rows, tenant.id))[0]["n"] == 0
    assert (await put(admin, tenant, job_title=["custom_attributes.rank"])).status_code == 200
    run = await directory.synced()
    assert (await tenant.stage.sql(rows, tenant.id))[0]["n"] == 2
    assert json.loads(run["changes"])["users"]["updated"] == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"email": []},
        {"first_name": []},
        {"nickname": ["x"]},
        {"groups": ["groups"]},
        {"department": "department"},
        {"department": [""]},
        {"department": [" "]},
        {"department": ["."]},
        {"department": ["a..b"]},
        {"department": [".a"]},
        {"department": ["a."]},
        {"department": ["a b[c]"]},
        {"department": ['["a.b"]']},
        {"department": ['a["b"]c']},
        {"department": ["a\nb"]},
        {"department": ["a\u202eb"]},
        {"department": ["a\x00b"]},
        {"department": ["x" * 257]},
        {"department": ["a.b.c.d.e.f"]},
        {"department": ["a.b", 'a["b"]']},
        {"department": [f"x{n}" for n in range(11)]},
        {"department": [7]},
    ],
    ids=repr,
)
async def test_what_names_no_attribute_is_refused(tenant: Tenant, ada: Browser, fields: dict[str, Any]) -> None:
    answer = await put(ada, tenant, **fields)
    assert answer.status_code == 422, answer.text
    assert (await read(ada, tenant)).json()["version"] == 0


async def test_a_change_of_an_older_version_is_refused(tenant: Tenant, ada: Browser) -> None:
    assert (await put(ada, tenant, {"If-Match": '"0"'}, job_title=[])).headers["etag"] == '"1"'
    answer = await put(ada, tenant, {"If-Match": '"0"'}, job_title=["title"])
    assert (answer.status_code, answer.json()["code"]) == (412, "version_outdated")
    assert (await read(ada, tenant)).json()["mappings"]["job_title"] == []


async def test_a_change_is_recorded_and_staff_may_not_even_look(tenant: Tenant, ada: Browser) -> None:
    await put(ada, tenant, job_title=["custom_attributes.rank"])
    (row,) = await tenant.stage.sql(
        "select metadata::text as told from audit_events where organization_id = $1"
        " and action = 'attribute_mappings.changed'",
        tenant.id,
    )
    assert json.loads(row["told"]) == {"version": 1, "mappings": {"job_title": ["custom_attributes.rank"]}}
    for name in ("sam", "mia"):
        assert (await read(await tenant.signed_in(name), tenant)).status_code == 403
