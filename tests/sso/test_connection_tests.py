"""Connection tests: the real flow, shown step by step, and nobody is let in, made or changed by it."""

import json
from typing import Any

import httpx
import pytest

from app.sso import jobs
from app.uow import Begin
from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory
from tests.gateway import Browser

Json = dict[str, Any]
ADMIN = "ROLE_CLIENT_ADMIN"
MADE = ("sessions", "users", "identities")


@pytest.fixture
async def ada(tenant: Tenant) -> Browser:
    """The browser of the tenant's administrator."""
    return await tenant.signed_in()


async def begun(browser: Browser, tenant: Tenant, who: str | None = "ada", **body: str) -> Json:
    """Begin a test of the tenant's connection, with the address of one of its people prefilled."""
    hint = {"login_hint": tenant.people[who]} if who else {}
    path = f"/api/auth/sso/connections/{tenant.connection_workos_id}/test"
    answer = await browser.api("POST", path, json={**hint, **body})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def at_callback(browser: Browser, test: Json) -> str:
    """Return the callback's URL to which the twin sends the browser."""
    return await browser.at_identity_provider(httpx.Response(302, headers={"location": test["authorization_url"]}))


async def read(browser: Browser, test: Json) -> Json:
    answer = await browser.api("GET", f"/api/auth/sso/tests/{test['test_id']}")
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def taken_through(browser: Browser, tenant: Tenant, who: str = "ada") -> Json:
    """Begin a test, take it to its end and return what it showed."""
    test = await begun(browser, tenant, who)
    answer = await browser.visit(await at_callback(browser, test))
    assert answer.status_code == 200, answer.text
    found = await read(browser, test)
    assert answer.json() == found
    return found


async def made(tenant: Tenant) -> list[list[Any]]:
    """Return every row that a sign-in could have made or changed."""
    return [
        await tenant.stage.sql(f"select t::text from {table} t where organization_id = $1 order by id", tenant.id)  # noqa: S608 -- our own tables
        for table in MADE
    ]


def results(test: Json) -> dict[str, str]:
    return {step["name"]: step["result"] for step in test["steps"]}


async def test_a_test_shows_every_step_and_makes_nothing(tenant: Tenant, ada: Browser) -> None:
    cookie = ada.session_cookie
    waiting = await begun(ada, tenant, "mia")
    found = await read(ada, waiting)
    assert (found["status"], set(results(found).values())) == ("waiting", {"waiting"})
    before = (await made(tenant))[1:]
    answer = await ada.visit(await at_callback(ada, waiting))
    assert answer.status_code == 200
    assert [name for name in answer.headers if name == "set-cookie"] == []
    found = await read(ada, waiting)
    assert found["status"] == "passed"
    assert results(found) == {
        **dict.fromkeys(("redirect", "callback", "code", "profile", "attributes", "access", "roles"), "ok"),
        "session": "skipped",
    }
    assert found["roles"] == ["ROLE_MEMBER"]
    assert found["groups"] == ["MemberPulse Members"]
    assert found["mapping"]["email"] == {"value": tenant.people["mia"], "attribute": "email", "required": True}
    assert found["mapping"]["department"]["attribute"] == "custom_attributes.department_name"
    assert found["attributes"]["first_name"] == "Mia"
    assert found["problem"] is None
    assert "Nobody here yet" in found["steps"][6]["evidence"]
    assert (await made(tenant))[1:] == before
    assert ada.session_cookie == cookie
    assert await tenant.stage.sql("select 1 from users where email_lower = $1", tenant.people["mia"]) == []
    shown = (await ada.api("GET", f"/api/auth/sso/connections/{tenant.connection_id}")).json()["last_test"]
    assert (shown["id"], shown["status"], shown["at"]) == (waiting["test_id"], "passed", found["finished_at"])


async def test_somebody_who_is_known_is_not_changed_either(tenant: Tenant, ada: Browser) -> None:
    await ada.access_token()
    before = await made(tenant)
    tenant.stage.twin.override_profile(
        {"first_name": "Augusta", "groups": ["MemberPulse Staff"]}, connection=tenant.connection_workos_id
    )
    test = await begun(ada, tenant)
    await ada.visit(await at_callback(ada, test))
    assert (await made(tenant))[1:] == before[1:]
    found = await read(ada, test)
    assert (found["roles"], found["mapping"]["first_name"]["value"]) == (["ROLE_CLIENT_USER"], "Augusta")
    assert "known here" in found["steps"][6]["evidence"]


async def test_a_connection_is_tested_before_it_is_switched_on(tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    await tenant.policy(enabled=False)
    await tenant.stage.sql("update connections set state = 'validating' where id = $1", tenant.connection_id)
    found = await taken_through(admin, tenant)
    assert (found["status"], results(found)["access"]) == ("passed", "warning")
    assert "switched off" in found["steps"][5]["evidence"]
    assert found["roles"] == [ADMIN]
    assert (await tenant.stage.browser().start(connection=tenant.connection_workos_id)).status_code == 403
    await tenant.stage.sql("update connections set state = 'deleted' where id = $1", tenant.connection_id)
    answer = await admin.api("POST", f"/api/auth/sso/connections/{tenant.connection_id}/test")
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_inactive")


@pytest.mark.parametrize(
    ("changes", "step", "code"),
    [
        ({"last_name": ""}, "attributes", "attribute_missing"),
        ({"email": "x@elsewhere.example"}, "access", "domain_not_allowed"),
        ({"connection_id": "conn_01OTHER"}, "profile", "connection_mismatch"),
    ],
)
async def test_what_fails_is_said_with_what_to_do(
    tenant: Tenant, ada: Browser, changes: Json, step: str, code: str
) -> None:
    tenant.stage.twin.override_profile(changes, connection=tenant.connection_workos_id)
    found = await taken_through(ada, tenant)
    assert (found["status"], found["problem"]["code"], found["roles"]) == ("failed", code, [])
    failed = [one for one in found["steps"] if one["result"] == "failed"]
    assert [one["name"] for one in failed] == [step]
    assert failed[0]["remedy"]
    assert (found["attributes"] == {}) == (step == "profile"), "nothing of another connection's profile"
    shown = (await ada.api("GET", f"/api/auth/sso/connections/{tenant.connection_id}")).json()
    assert (shown["last_test"]["status"], shown["last_failure"]) == ("failed", None)


async def test_workos_error_is_said_in_words(tenant: Tenant, ada: Browser) -> None:
    tenant.stage.twin.fail_logins("connection_invalid", connection=tenant.connection_workos_id)
    found = await taken_through(ada, tenant)
    assert (found["problem"]["code"], results(found)["callback"]) == ("login_connection_invalid", "failed")
    assert "WorkOS's word for it: connection_invalid." in found["steps"][1]["evidence"]


async def test_whom_a_directory_removed_fails_as_at_a_sign_in(inbox: Inbox, tenant: Tenant) -> None:
    admin = await tenant.stage.platform_admin()
    home = await a_directory(inbox, tenant)
    tenant.stage.twin.override_profile({"idp_id": home.person("mia")["idp_id"]}, connection=tenant.connection_workos_id)
    await inbox.applied(home.user("ada", 1), home.user("mia", 1), home.user("mia", 2, "deleted"))
    found = await taken_through(admin, tenant, "mia")
    assert found["problem"]["code"] == "user_deactivated"
    found = await taken_through(admin, tenant, "sam")
    assert found["problem"]["code"] == "user_not_provisioned"


async def test_what_opens_something_is_hidden(tenant: Tenant, ada: Browser) -> None:
    secrets = {"api_key": "CANARY-1", "recoveryToken": "CANARY-2", "nested": {"password": "CANARY-3", "plain": "x"}}
    more = {
        "list": [{"secret": "CANARY-4"}],
        "deep": {"a": {"b": {"c": "CANARY-5"}}},
        "long": "y" * 500,
        "unit": "Orbit",
    }
    tenant.stage.twin.override_profile({"custom_attributes": secrets | more}, connection=tenant.connection_workos_id)
    found = await taken_through(ada, tenant)
    assert "CANARY" not in json.dumps(found)
    kept = await tenant.stage.sql("select result from connection_tests where organization_id = $1", tenant.id)
    assert "CANARY" not in kept[0]["result"]
    attributes = found["attributes"]
    assert attributes["custom_attributes.unit"] == "Orbit"
    assert attributes["custom_attributes.nested"]["plain"] == "x"
    assert len(attributes["custom_attributes.long"]) == 100


async def test_a_browser_gets_a_page_that_leads_back(tenant: Tenant, ada: Browser) -> None:
    tenant.stage.twin.override_profile({"last_name": ""}, connection=tenant.connection_workos_id)
    test = await begun(ada, tenant, return_to="/settings/authentication?x=%22%3E")
    page = await ada.visit(await at_callback(ada, test), Accept="text/html,application/xhtml+xml")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>The test has failed</h1>" in page.text
    assert 'href="http://localhost:8000/settings/authentication?x=%22%3E"' in page.text
    refused = await ada.api(
        "POST", f"/api/auth/sso/connections/{tenant.connection_id}/test", json={"return_to": "https://evil.example/"}
    )
    assert (refused.status_code, refused.json()["code"]) == (400, "return_to_not_allowed")
    assert (await ada.api("POST", f"/api/auth/sso/connections/{tenant.connection_id}/test")).status_code == 200


async def test_a_test_that_never_comes_back_expires(tenant: Tenant, ada: Browser) -> None:
    test = await begun(ada, tenant)
    callback = await at_callback(ada, test)
    tenant.stage.clock.advance(minutes=10, seconds=1)
    answer = await ada.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (400, "login_expired")
    assert "restart" not in answer.json()
    found = await read(ada, test)
    assert (found["status"], found["problem"]) == ("expired", None)
    assert "redirect URI" in found["steps"][0]["remedy"]


async def test_one_whose_process_died_expires_too(tenant: Tenant, ada: Browser) -> None:
    test = await begun(ada, tenant)
    await tenant.stage.sql(
        "update connection_tests set status = 'running', claimed_at = $2 where organization_id = $1",
        tenant.id,
        tenant.stage.clock.now(),
    )
    assert (await read(ada, test))["status"] == "running"
    tenant.stage.clock.advance(minutes=2)
    assert (await read(ada, test))["status"] == "expired"


async def test_tests_leave_no_traces_of_logins_and_go_after_thirty_days(
    tenant: Tenant, ada: Browser, running_worker: Begin
) -> None:
    rows = "select 1 from login_traces where organization_id = $1"
    before = await tenant.stage.sql(rows, tenant.id)
    test = await begun(ada, tenant)
    await ada.visit(await at_callback(ada, test))
    assert await tenant.stage.sql(rows, tenant.id) == before
    audited = await tenant.stage.sql(
        "select action from audit_events where organization_id = $1 and action like 'sso.test.%' order by occurred_at",
        tenant.id,
    )
    assert [row["action"] for row in audited] == ["sso.test.started", "sso.test.finished"]
    tenant.stage.clock.advance(days=30, minutes=1)
    async with running_worker() as uow:
        await jobs.purge_traces(uow)
    assert await tenant.stage.sql("select 1 from connection_tests where organization_id = $1", tenant.id) == []


@pytest.mark.parametrize("who", ["sam", "mia"])
async def test_staff_test_nothing(tenant: Tenant, ada: Browser, who: str) -> None:
    test, browser = await begun(ada, tenant), await tenant.signed_in(who)
    path = f"/api/auth/sso/connections/{tenant.connection_id}/test"
    assert (await browser.api("POST", path)).status_code == 403
    assert (await browser.api("GET", f"/api/auth/sso/tests/{test['test_id']}")).status_code == 403
