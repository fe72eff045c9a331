"""A3: a sign-in lasts ten minutes; later it is started again, and WorkOS is not asked."""

import re
from datetime import timedelta

from tests.builders import Tenant
from tests.gateway import Stage


async def _expire(stage: Stage, tenant: Tenant) -> None:
    await stage.sql(
        "update login_flows set expires_at = $2 where organization_id = $1",
        tenant.id,
        stage.clock.now() - timedelta(seconds=1),
    )


async def test_a3_expired_in_the_database(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback(return_to="/members")
    await _expire(stage, tenant)
    sessions = await stage.count("sessions")
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (400, "login_expired")
    assert (await stage.count("sessions"), stage.exchanges()) == (sessions, 0)

    # The restart link leads to the same connection and to where the person wanted to go.
    restarted = await browser.http.get(answer.json()["restart"] + "&login_hint=" + tenant.people["ada"])
    assert f"connection={tenant.connection_workos_id}" in restarted.headers["location"]
    done = await browser.visit(await browser.at_identity_provider(restarted))
    assert (done.status_code, done.headers["location"]) == (303, "http://localhost:8000/members")


async def test_a3_the_page_for_a_browser_has_the_link(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    await _expire(stage, tenant)
    page = await browser.visit(callback, accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert page.status_code == 400
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    (link,) = re.findall(r'href="(/auth/sso\?[^"]+)"', page.text)
    assert str(tenant.connection_id) in link
    assert "login_expired" in page.text


async def test_a3_by_the_gateways_clock(tenant: Tenant, stage: Stage) -> None:
    in_time, early = await tenant.at_callback()
    stage.clock.advance(minutes=9, seconds=59)
    assert (await in_time.visit(early)).status_code == 303
    late, callback = await tenant.at_callback()
    stage.clock.advance(minutes=10)
    assert (await late.visit(callback)).json()["code"] == "login_expired"


async def test_a3_a_stranger_does_not_learn_that_it_expired(tenant: Tenant, stage: Stage) -> None:
    _, callback = await tenant.at_callback()
    await _expire(stage, tenant)
    stranger, _ = await tenant.at_callback("sam")
    answer = await stranger.visit(callback)
    assert answer.json()["code"] == "login_state_mismatch"
    assert "restart" not in answer.json()
