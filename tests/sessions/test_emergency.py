"""Emergency access: a session that belongs to no tenant is listed, ended and replaced like any other."""

from pathlib import Path

from app.sessions import service as sessions
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.logs import logged
from tests.sessions.stages import own_stage

PAGE = {"Accept": "text/html"}
OWN_FORM = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}


async def token_for(stage: Stage) -> str:
    async with stage.unit() as uow:
        return await sessions.make_break_glass_token(uow)


async def test_own_sessions_are_listed_and_ended(stage: Stage) -> None:
    first, second = await stage.platform_admin(), await stage.platform_admin()
    listed = (await first.api("GET", "/auth/sessions")).json()["data"]
    assert [row["current"] for row in listed].count(True) == 1
    other = (await second.api("GET", "/auth/session")).json()["session"]["id"]
    assert other in {row["id"] for row in listed}
    assert (await first.api("DELETE", f"/auth/sessions/{other}")).status_code == 204
    assert (await second.token()).status_code == 401
    assert (await first.api("DELETE", "/auth/sessions")).json()["ended"] >= 1
    assert (await first.token()).status_code == 401


async def test_it_acts_for_the_platform_and_survives_its_suspension(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    """The last door must open when everything else is shut, by mistake or not."""
    platform = twin.add_organization("The platform")
    async with own_stage(server_url, twin, tmp_path, platform_organization=platform.id) as stage:
        made = await (await stage.platform_admin()).api(
            "POST", "/api/organizations", json={"name": "The platform", "workos_id": platform.id}
        )
        admin = await stage.platform_admin()
        assert (await admin.api("GET", "/auth/session")).json()["organization"]["workos_id"] == platform.id
        assert len((await admin.api("GET", "/auth/sessions")).json()["data"]) == 2
        suspended = await admin.api("PATCH", f"/api/organizations/{made.json()['id']}", json={"state": "suspended"})
        assert suspended.status_code == 200
        for again in (admin, await stage.platform_admin()):
            assert (await again.api("GET", "/api/organizations")).status_code == 200


async def test_the_browsers_session_of_before_ends(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    before = str(browser.session_cookie)
    assert (await browser.http.post("/auth/break-glass", json={"token": await token_for(stage)})).status_code == 200
    assert browser.session_cookie != before
    assert (await stage.browser(cookies={"mp_session": before}).token()).status_code == 401


async def test_a_form_is_refused_in_words_a_person_reads(stage: Stage) -> None:
    browser = stage.browser()
    answer = await browser.http.post("/auth/break-glass", data={"token": "x" * 43}, headers=OWN_FORM | PAGE)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "memberpulse-auth admin-link" in answer.text
    foreign = {"Origin": "https://evil.example", **PAGE}
    answer = await browser.http.post("/auth/break-glass", data={"token": await token_for(stage)}, headers=foreign)
    assert (answer.status_code, browser.session_cookie) == (403, None)


async def test_it_is_loud(stage: Stage) -> None:
    with logged() as log:
        await stage.platform_admin()
        await stage.browser().http.post("/auth/break-glass", json={"token": "x" * 43})
    (used,), (refused,) = log.of("sessions.break_glass.used"), log.of("sessions.break_glass.refused")
    assert (used["level"], refused["level"], used["ip"]) == ("warning", "warning", "203.0.113.7")
    question = "select count(*) as n from audit_events where action = 'break_glass.used' and targets::text like $1"
    assert (await stage.sql(question, f"%{used['session_id']}%"))[0]["n"] == 1


async def test_it_is_on_the_redirect_uris_host(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    """Cookies live there, and a page on another of our hosts would find none."""
    home = "https://login.memberpulse.example"
    urls = {"public_url": "https://api.memberpulse.example", "workos_redirect_uri": f"{home}/auth/callback/workos"}
    async with own_stage(server_url, twin, tmp_path, **urls) as stage:
        assert stage.config.home == home
        headers = {"Origin": home}
        answer = await stage.browser(home).http.post(
            "/auth/break-glass", data={"token": await token_for(stage)}, headers=headers
        )
        assert (answer.status_code, answer.headers["location"]) == (303, f"{home}/auth/signed-in")


async def test_tenants_are_unchanged_by_it(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    admin = await stage.platform_admin()
    assert tenant.domain in (await admin.api("GET", f"/api/organizations/{tenant.id}")).text
    sessions_of = "select count(*) as n from sessions where organization_id = $1"
    assert (await stage.sql(sessions_of, tenant.id))[0]["n"] == 0
