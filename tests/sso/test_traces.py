"""Login traces: what each attempt went through, without anybody's values, and nothing for what nobody began."""

import json
from datetime import timedelta
from typing import Any

import pytest

from app.sso import jobs
from app.uow import Begin
from tests.builders import Tenant
from tests.deliveries import Inbox, an_event, moment
from tests.directory_events import a_directory
from tests.gateway import Browser

Json = dict[str, Any]


async def traces(tenant: Tenant) -> list[Json]:
    """Return what is kept of the tenant's attempts, in their order."""
    rows = await tenant.stage.sql("select * from login_traces where organization_id = $1 order by at, id", tenant.id)
    return [{**row, "details": json.loads(row["details"])} for row in rows]


async def last(tenant: Tenant) -> Json:
    return (await traces(tenant))[-1]


async def refused(tenant: Tenant, name: str = "ada", **changes: Any) -> Json:  # noqa: ANN401 -- any value of a profile
    """Let somebody be refused at the callback and return what is kept of it."""
    if changes:
        tenant.stage.twin.override_profile(changes, connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback(name)
    answer = await browser.visit(callback)
    found = await last(tenant)
    assert (answer.status_code >= 400, found["problem"], found["outcome"]) == (True, answer.json()["code"], "failed")
    return found


async def test_a_first_sign_in_is_kept_with_what_it_went_through(tenant: Tenant) -> None:
    browser, callback = await tenant.at_callback()
    began = tenant.stage.clock.now()
    tenant.stage.clock.advance(seconds=40)
    assert (await browser.visit(callback, **{"X-Request-Id": "first-sign-in"})).status_code == 303
    (found,) = await traces(tenant)
    assert (found["outcome"], found["step"], found["problem"]) == ("completed", "session", None)
    assert (found["user_id"], found["connection_id"]) == (await tenant.user_id(), tenant.connection_id)
    assert found["at"] - found["began_at"] >= timedelta(seconds=40)
    assert abs(found["began_at"] - began) < timedelta(seconds=2)
    assert (found["address"], found["request_id"], found["attempts"]) == (None, "first-sign-in", 1)
    assert found["details"] == {
        "received": found["details"]["received"],
        "email": f"a\u2026@{tenant.domain}",
        "groups": ["MemberPulse Admins"],
        "role": "ROLE_CLIENT_ADMIN",
    }
    wanted = {"email", "first_name", "last_name", "groups", "custom_attributes.department_name"}
    assert wanted <= set(found["details"]["received"])


async def test_who_comes_back_is_kept_by_the_statement_that_lets_them_in(tenant: Tenant) -> None:
    for _ in range(3):
        await tenant.signed_in()
    found = await traces(tenant)
    assert [one["outcome"] for one in found] == ["completed"] * 3
    recorded = await tenant.stage.sql(
        "select id, request_id from audit_events where organization_id = $1 and action = 'sso.login.completed'"
        " order by occurred_at",
        tenant.id,
    )
    assert (found[2]["id"], found[2]["request_id"]) == tuple(recorded[2])
    assert found[2]["details"] == found[0]["details"]
    assert found[2]["began_at"] is not None


async def test_no_value_of_anybody_is_kept(tenant: Tenant) -> None:
    values = {"first_name": "Zenobia", "custom_attributes": {"badge": "CANARY-17"}, "raw_attributes": {"pin": "4711"}}
    tenant.stage.twin.override_profile(values, connection=tenant.connection_workos_id)
    await tenant.signed_in("mia")
    await refused(tenant, "sam", **values, last_name="")
    kept = await tenant.stage.sql("select t::text as row from login_traces t where organization_id = $1", tenant.id)
    assert len(kept) == 2
    for row in kept:
        assert "custom_attributes.badge" in row["row"]
        for value in ("Zenobia", "CANARY-17", "4711", "mia@", "sam@", "00u"):
            assert value not in row["row"]


@pytest.mark.parametrize(
    ("changes", "step", "problem"),
    [
        ({"last_name": ""}, "attributes", "attribute_missing"),
        ({"email": "ada@elsewhere.example"}, "access", "domain_not_allowed"),
        ({"organization_id": "org_01OTHER"}, "profile", "connection_mismatch"),
    ],
)
async def test_a_refusal_is_that_of_its_step(tenant: Tenant, changes: Json, step: str, problem: str) -> None:
    found = await refused(tenant, **changes)
    assert (found["step"], found["problem"], found["user_id"]) == (step, problem, None)
    assert (found["address"] is not None) == (step in {"access", "attributes"})
    assert changes.get("email", "") not in json.dumps(found["details"]) or not changes.get("email")
    assert ("received" in found["details"]) == (step != "profile"), "nothing of another tenant's profile"


async def test_workos_word_is_kept_and_its_sentence_is_not(tenant: Tenant) -> None:
    tenant.stage.twin.fail_logins("access_denied", connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback()
    assert (await browser.visit(callback + "&error_description=call+me")).status_code in {400, 403}
    tenant.stage.twin.fail_logins("access_denied", connection=tenant.connection_workos_id)
    found = await refused(tenant)
    assert (found["step"], found["details"]) == ("callback", {"error": "access_denied"})
    browser, callback = await tenant.at_callback()
    await browser.visit(callback.replace("code=", "error=Call%201-555-%3Cscript%3E&x="))
    assert (await last(tenant))["details"] == {"error": "unknown"}


async def test_a_code_that_workos_refuses(tenant: Tenant) -> None:
    browser, callback = await tenant.at_callback()
    await browser.visit(callback.replace("code=", "code=no"))
    found = await last(tenant)
    assert (found["step"], found["problem"], found["details"]) == ("code", "login_code_rejected", {})


async def test_who_was_shut_out_is_known_by_their_id(tenant: Tenant) -> None:
    await tenant.signed_in("mia")
    mia = await tenant.user_id("mia")
    await tenant.stage.sql("update users set state = 'deactivated' where id = $1", mia)
    found = await refused(tenant, "mia")
    assert (found["step"], found["problem"], found["user_id"]) == ("access", "user_deactivated", mia)
    assert found["address"] is None


async def test_what_nobody_began_leaves_nothing(tenant: Tenant) -> None:
    browser, callback = await tenant.at_callback()
    stranger = tenant.stage.browser()
    other_state, nothing = callback.replace("state=", "state=no"), callback.partition("?")[0]
    for who, url in ((stranger, callback), (browser, other_state), (browser, nothing)):
        assert (await who.visit(url)).status_code == 400
    assert await traces(tenant) == []
    assert (await browser.visit(callback)).status_code == 303
    assert (await browser.visit(callback)).status_code == 400
    assert len(await traces(tenant)) == 1


async def test_hostile_names_are_kept_readable_and_keep_nobody_out(tenant: Tenant) -> None:
    names = {"a\u202eb": 1, "x" * 300: 1, "tab\t": 1, **{f"n{n}": n for n in range(100)}}
    groups = ["MemberPulse Admins", "g\u202e", *(f"G{n}" for n in range(100))]
    tenant.stage.twin.override_profile(
        {"custom_attributes": names, "groups": groups}, connection=tenant.connection_workos_id
    )
    await tenant.signed_in()
    details = (await last(tenant))["details"]
    assert (len(details["received"]), len(details["groups"])) == (60, 30)
    assert details["groups"][1] == "g\ufffd"
    assert "custom_attributes.a\ufffdb" in details["received"]
    assert all(len(name) <= 100 and name.isprintable() for name in details["received"])


async def test_a_sign_in_that_the_identity_provider_began_says_so(tenant: Tenant) -> None:
    await tenant.policy(allow_idp_initiated=True)
    browser = tenant.stage.browser()
    asked = await browser.visit(tenant.stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"]))
    assert await traces(tenant) == []
    ticket = asked.text.partition('name="ticket" value="')[2].partition('"')[0]
    await browser.http.post("/auth/sso/continue", data={"ticket": ticket}, headers={"Origin": browser.base})
    assert (await last(tenant))["details"]["idp_initiated"] is True
    tenant.stage.clock.advance(seconds=5)
    tenant.stage.app.state.sign_in._budget.__init__()
    tenant.stage.twin.override_profile({"email": None, "emails": []}, connection=tenant.connection_workos_id)
    url = tenant.stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"])
    assert (await tenant.stage.browser().visit(url)).status_code == 422
    assert ((await last(tenant))["step"], (await last(tenant))["details"]["idp_initiated"]) == ("attributes", True)


def failure(tenant: Tenant, email: str, at: float, session: str, code: str = "access_denied") -> Json:
    data = {
        "type": "sso", "status": "failed", "email": email, "ip_address": "192.0.2.1", "user_id": None,
        "sso": {"organization_id": tenant.workos_id, "connection_id": tenant.connection_workos_id,
                "session_id": session},
        "error": {"code": code, "message": "secret words"},
    }  # fmt: skip
    return an_event("authentication.sso_failed", data, created_at=moment(tenant.stage, at))


async def test_what_workos_tells_is_kept_too_in_whatever_order(inbox: Inbox, tenant: Tenant) -> None:
    await tenant.signed_in("mia")
    events = [
        failure(tenant, tenant.people["mia"].upper(), 60, "s1"),
        failure(tenant, f"nobody@{tenant.domain}", 30, "s2", "saml_response_invalid"),
    ]
    assert await inbox.applied(*events) == ["done", "done"]
    unknown, mia = (await traces(tenant))[1:]
    assert (mia["outcome"], mia["problem"], mia["details"]) == (
        "told", "login_access_denied", {"error": "access_denied"}
    )  # fmt: skip
    assert (mia["user_id"], mia["connection_id"], mia["address"]) == (
        await tenant.user_id("mia"), tenant.connection_id, None
    )  # fmt: skip
    assert (unknown["user_id"], unknown["problem"]) == (None, "login_refused")
    assert unknown["address"].startswith("erased:")
    (row,) = await tenant.stage.sql("select last_failure_code from connections where id = $1", tenant.connection_id)
    assert row["last_failure_code"] == "access_denied"


async def test_a_timeout_is_told_as_one(inbox: Inbox, tenant: Tenant) -> None:
    event: Json = failure(tenant, tenant.people["ada"], 1, "s1") | {"event": "authentication.sso_timed_out"}
    event["data"]["status"] = "timed_out"
    assert await inbox.applied(event) == ["done"]
    assert (await last(tenant))["problem"] == "login_timed_out"


async def _purge(begin: Begin) -> None:
    async with begin() as uow:
        await jobs.purge(uow)
        await jobs.purge_traces(uow)


async def test_who_never_came_back_is_counted_by_the_hour(tenant: Tenant, running_worker: Begin) -> None:
    clock = tenant.stage.clock
    clock.advance(seconds=3600 - clock.now().timestamp() % 3600 + 60)
    for _ in range(3):
        await tenant.stage.browser().start(connection=tenant.connection_workos_id)
    assert (await tenant.stage.browser().start(organization=str(tenant.id))).status_code == 302
    await tenant.signed_in()
    clock.advance(minutes=12)
    await _purge(running_worker)
    await tenant.stage.browser().start(connection=tenant.connection_workos_id)
    clock.advance(minutes=12)
    await _purge(running_worker)
    found = [one for one in await traces(tenant) if one["outcome"] == "abandoned"]
    counts = [(one["connection_id"], one["attempts"], one["step"]) for one in found]
    assert counts == [(tenant.connection_id, 5, "redirect")]
    assert found[0]["at"].minute == 0
    assert len(await traces(tenant)) == 2


async def test_after_thirty_days_nothing_is_left(tenant: Tenant, running_worker: Begin) -> None:
    await tenant.signed_in()
    tenant.stage.clock.advance(days=29, hours=23)
    await tenant.signed_in()
    await _purge(running_worker)
    assert len(await traces(tenant)) == 2
    tenant.stage.clock.advance(hours=2)
    await _purge(running_worker)
    assert len(await traces(tenant)) == 1


async def test_a_failure_is_answered_though_it_cannot_be_kept(tenant: Tenant, browser: Browser) -> None:
    tenant.stage.twin.fail_logins("access_denied", connection=tenant.connection_workos_id)
    browser, callback = await tenant.at_callback()
    await tenant.stage.sql("revoke insert on login_traces from gw_app")
    try:
        answer = await browser.visit(callback)
    finally:
        await tenant.stage.sql("grant insert on login_traces to gw_app")
    assert (answer.status_code, answer.json()["code"]) == (403, "login_access_denied")
    assert await traces(tenant) == []


async def test_with_a_directory_that_decides_no_role_is_told(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.user("ada", 1))
    await tenant.signed_in()
    assert "role" not in (await last(tenant))["details"]
