"""A person signs in, uses MemberPulse, and signs out."""

from tests.builders import Tenant
from tests.gateway import Browser, Stage, introspect


async def test_sign_in_token_session_sign_out(tenant: Tenant, stage: Stage) -> None:
    browser = stage.browser()
    answer = await browser.sign_in(tenant.people["ada"])
    assert answer.status_code == 303
    assert answer.headers["location"] == "http://localhost:8000/auth/signed-in"

    token = await browser.access_token()
    me = (await browser.http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})).json()
    assert me["user"]["email"] == tenant.people["ada"]
    assert me["user"]["department"] == "Research"
    assert me["user"]["job_title"] == "Tester"
    assert me["organization"]["workos_id"] == tenant.workos_id
    assert me["roles"] == ["ROLE_CLIENT_ADMIN"]
    assert "sso:configure" in me["permissions"]
    assert (await introspect(browser, token))["active"] is True

    assert (await browser.http.post("/auth/logout", headers={"Origin": browser.base})).status_code == 200
    assert (await browser.token()).status_code == 401
    assert await introspect(browser, token) == {"active": False}


async def test_the_three_default_groups_give_their_roles(tenant: Tenant) -> None:
    roles = {}
    for name in ("ada", "sam", "mia"):
        browser = await tenant.signed_in(name)
        roles[name] = (await browser.api("GET", "/auth/session")).json()["roles"]
    assert roles == {"ada": ["ROLE_CLIENT_ADMIN"], "sam": ["ROLE_CLIENT_USER"], "mia": ["ROLE_MEMBER"]}


async def test_the_second_sign_in_is_the_same_person(tenant: Tenant, browser: Browser) -> None:
    first = (await (await tenant.signed_in()).api("GET", "/auth/session")).json()["user"]["id"]
    await browser.sign_in(tenant.people["ada"])
    assert (await browser.api("GET", "/auth/session")).json()["user"]["id"] == first
