"""A1, A2 and A5 for connection tests: one browser, once, and nothing of another tenant."""

import asyncio
import json

from tests.builders import Tenant, a_tenant
from tests.sso.test_connection_tests import at_callback, begun, read


async def test_a1_only_the_browser_whose_session_began_a_test_finishes_it(tenant: Tenant) -> None:
    ada, stage = await tenant.signed_in(), tenant.stage
    test = await begun(ada, tenant)
    callback = await at_callback(ada, test)
    stranger, other = stage.browser(), await (await a_tenant(stage)).signed_in()
    colleague, again = await tenant.signed_in("mia"), await tenant.signed_in()
    # Somebody with a sign-in of their own under way is no nearer to it.
    await stranger.start(connection=tenant.connection_workos_id)
    stage.twin.clear_hits()
    for browser in (stranger, other, colleague, again):
        answer = await browser.visit(callback)
        assert (answer.status_code, answer.json()["code"]) == (400, "login_state_mismatch")
    for wrong in (callback.replace("state=test.", "state="), callback.replace("state=test.", "state=test.x")):
        assert (await ada.visit(wrong)).status_code == 400
    assert stage.exchanges() == 0
    assert (await read(ada, test))["status"] == "waiting"
    assert (await ada.visit(callback)).status_code == 200
    assert (await read(ada, test))["status"] == "passed"


async def test_a1_a_login_s_state_ends_no_test_and_a_test_s_no_login(tenant: Tenant) -> None:
    ada, stage = await tenant.signed_in(), tenant.stage
    test = await begun(ada, tenant)
    callback = await at_callback(ada, test)
    started = await ada.start(connection=tenant.connection_workos_id, login_hint=tenant.people["ada"])
    login = await ada.at_identity_provider(started)
    sessions = await stage.count("sessions")
    stage.twin.clear_hits()
    assert (await ada.visit(login.replace("state=", "state=test."))).status_code == 400
    assert (await ada.visit(callback.replace("state=test.", "state="))).status_code == 400
    assert (await stage.count("sessions"), stage.exchanges()) == (sessions, 0)


async def test_a1_a_session_that_ended_or_lost_its_role_finishes_nothing(tenant: Tenant) -> None:
    stage = tenant.stage
    for change in (
        "update users set mapped_role = 'ROLE_MEMBER' where id = $1",
        "update sessions set ended_at = now() where user_id = $1",
    ):
        ada = await tenant.signed_in()
        test = await begun(ada, tenant)
        callback = await at_callback(ada, test)
        await stage.sql(change, await tenant.user_id())
        await stage.sql(
            "insert into stale_sessions (kind, value, created_at) values ('sub', $1, now())",
            str(await tenant.user_id()),
        )
        await stage.assembly.live.look()
        stage.twin.clear_hits()
        answer = await ada.visit(callback)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
        assert stage.exchanges() == 0


async def test_a2_a_test_s_callback_counts_once(tenant: Tenant) -> None:
    ada, stage = await tenant.signed_in(), tenant.stage
    test = await begun(ada, tenant)
    callback = await at_callback(ada, test)
    stage.twin.clear_hits()
    answers = await asyncio.gather(*(ada.visit(callback) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 19]
    assert stage.exchanges() == 1
    assert (await read(ada, test))["status"] == "passed"


async def test_a5_a_profile_of_another_tenant_is_not_shown(tenant: Tenant) -> None:
    ada, other = await tenant.signed_in(), await a_tenant(tenant.stage)
    foreign = {
        "organization_id": other.workos_id,
        "connection_id": other.connection_workos_id,
        "email": other.people["ada"],
        "first_name": "Foreigner",
    }
    tenant.stage.twin.override_profile(foreign, connection=tenant.connection_workos_id)
    test = await begun(ada, tenant)
    answer = await ada.visit(await at_callback(ada, test))
    found = await read(ada, test)
    assert (found["status"], found["problem"]["code"]) == ("failed", "connection_mismatch")
    for word in ("Foreigner", other.domain, other.workos_id, other.connection_workos_id):
        assert word not in answer.text
        assert word not in json.dumps(found)
    kept = await tenant.stage.sql("select t::text as row from connection_tests t where organization_id = $1", tenant.id)
    assert "Foreigner" not in kept[0]["row"]


async def test_a5_a_test_of_another_tenants_connection_is_not_begun(tenant: Tenant) -> None:
    ada, other = await tenant.signed_in(), await a_tenant(tenant.stage)
    flows = await tenant.stage.count("login_flows")
    for reference in (other.connection_id, other.connection_workos_id):
        answer = await ada.api("POST", f"/api/auth/sso/connections/{reference}/test")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert await tenant.stage.count("login_flows") == flows
