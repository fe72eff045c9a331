"""A2: a callback works once, however often and however much at once it is sent."""

import asyncio

from tests.builders import Tenant
from tests.gateway import Stage


async def test_a2_one_of_twenty_at_once(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    cookie = browser.http.cookies["mp_login"]
    copies = [stage.browser(cookies={"mp_login": cookie}) for _ in range(20)]
    sessions = await stage.count("sessions")
    answers = await asyncio.gather(*(copy.visit(callback) for copy in copies))
    winners = [answer for answer in answers if answer.status_code == 303]
    losers = [answer for answer in answers if answer.status_code == 400]
    assert (len(winners), len(losers)) == (1, 19)
    assert "mp_session" in winners[0].cookies
    assert {answer.json()["code"] for answer in losers} == {"login_state_mismatch"}
    assert not any("mp_session" in answer.cookies for answer in losers)
    assert (await stage.count("sessions"), stage.exchanges()) == (sessions + 1, 1)


async def test_a2_nor_later(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    cookie = browser.http.cookies["mp_login"]
    assert (await browser.visit(callback)).status_code == 303
    again = await stage.browser(cookies={"mp_login": cookie}).visit(callback)
    assert (again.status_code, again.json()["code"]) == (400, "login_state_mismatch")
    assert again.json()["restart"].startswith("/auth/sso?connection=")
    assert stage.exchanges() == 1


async def test_a2_a_code_cannot_ride_on_another_state(tenant: Tenant) -> None:
    """A code that was redeemed once is refused by WorkOS; our answer is to start again, not a crash."""
    browser, callback = await tenant.at_callback()
    code = callback.partition("code=")[2].partition("&")[0]
    assert (await browser.visit(callback)).status_code == 303
    other, fresh = await tenant.at_callback()
    state = fresh.partition("state=")[2]
    answer = await other.http.get("/auth/callback/workos", params={"code": code, "state": state})
    assert (answer.status_code, answer.json()["code"]) == (400, "login_code_rejected")
    assert other.session_cookie is None
