"""C3: signing out ends the session itself, everywhere."""

import asyncio

from tests.builders import Tenant
from tests.gateway import Browser, Stage, introspect
from tests.sessions.feeds import end_of, read
from tests.sessions.stages import beside


async def log_out(browser: Browser) -> int:
    return (await browser.http.post("/auth/logout", headers={"Origin": browser.base})).status_code


async def accepts(stage: Stage, token: str) -> bool:
    answer = await stage.browser().http.get("/api/providers", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code == 200


async def test_c3_cookie_dies_at_once_and_tokens_within_a_second(tenant: Tenant, stage: Stage) -> None:
    async with beside(stage) as other:
        browser = await tenant.signed_in()
        cookie, token = browser.session_cookie or "", await browser.access_token()
        assert await accepts(stage, token)
        assert await accepts(other, token)
        assert await log_out(browser) == 200
        assert browser.session_cookie is None, "the browser's cookie is cleared"
        for gateway in (stage, other):
            thief = gateway.browser()
            thief.http.cookies.set("mp_session", cookie)
            assert (await thief.token()).status_code == 401
            assert await log_out(thief) == 401
            assert await introspect(thief, token) == {"active": False}
        async with asyncio.timeout(1):
            while await accepts(stage, token) or await accepts(other, token):
                await asyncio.sleep(0.02)


async def test_c3_other_services_read_of_it_within_a_second(tenant: Tenant, stage: Stage) -> None:
    async with beside(stage) as other:
        browser, after = await tenant.signed_in(), await end_of(stage)
        sid = (await browser.api("GET", "/auth/session")).json()["session"]["id"]
        assert await log_out(browser) == 200
        async with asyncio.timeout(1):
            for gateway in (stage, other):
                entries = await read(gateway, after, wait=2)
                assert [(entry["type"], entry["value"]) for entry in entries] == [("sid", sid)]


async def test_c3_other_sessions_of_the_person_live_on(tenant: Tenant, stage: Stage) -> None:
    first, second = await tenant.signed_in(), await tenant.signed_in()
    token = await second.access_token()
    await log_out(first)
    await stage.assembly.live.look()
    assert await accepts(stage, token)
    assert (await second.token()).status_code == 200


async def test_c3_twenty_sign_outs_at_once_are_one(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    headers = {"Origin": browser.base, "Cookie": f"mp_session={browser.session_cookie}"}
    clients = [stage.browser() for _ in range(20)]
    answers = await asyncio.gather(*(client.http.post("/auth/logout", headers=headers) for client in clients))
    assert {answer.status_code for answer in answers} <= {200, 401}
    assert 200 in {answer.status_code for answer in answers}
    rows = await stage.sql(
        "select actor_type, actor_id from audit_events where organization_id = $1 and action = 'session.ended'",
        tenant.id,
    )
    assert len(rows) == 1
    assert dict(rows[0]) == {"actor_type": "user", "actor_id": str(await tenant.user_id())}
