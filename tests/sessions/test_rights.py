"""Rights inside a living session: raised ones shorten it, and those that an organization may not give end."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.sessions import service as sessions
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage, a_stage, introspect
from tests.sessions.stages import own_stage

HOURS = "select expires_at - created_at as life from sessions where organization_id = $1 and ended_at is null"


async def me(browser: Browser) -> list[str]:
    roles: list[str] = (await browser.api("GET", "/auth/session")).json()["roles"]
    return roles


async def test_who_becomes_an_administrator_keeps_no_long_session(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in("mia")
    assert [row["life"] for row in await stage.sql(HOURS, tenant.id)] == [timedelta(hours=24)]
    stage.twin.change_person(tenant.people["mia"], groups=["MemberPulse Admins"])
    await tenant.signed_in("mia")
    assert {row["life"] for row in await stage.sql(HOURS, tenant.id)} == {timedelta(hours=12)}
    await stage.assembly.live.look()
    assert await me(browser) == ["ROLE_CLIENT_ADMIN"]


async def test_other_changes_leave_its_end_alone(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("mia")
    async with stage.unit(tenant.id) as uow:
        await sessions.rights_changed(uow, await tenant.user_id("mia"), ("ROLE_CLIENT_USER",))
    assert [row["life"] for row in await stage.sql(HOURS, tenant.id)] == [timedelta(hours=24)]


@pytest.mark.parametrize("configured", [None, "org_another"])
async def test_an_operators_role_ends_with_the_platforms_organization(
    configured: str | None, server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    """Whoever was made an operator by an organization that is the platform's no more, is none at once."""
    async with own_stage(server_url, twin, tmp_path) as stage:
        tenant = await a_tenant(stage, olga="MemberPulse Platform Admins")
        home = stage.config.model_copy(update={"platform_organization": tenant.workos_id})
        async with a_stage(home, stage.database, twin, stage.clock) as at_home:
            tenant.stage = at_home
            browser = await tenant.signed_in("olga")
            assert await me(browser) == ["ROLE_PLATFORM_ADMIN"]
            cookie = str(browser.session_cookie)
        elsewhere = stage.config.model_copy(update={"platform_organization": configured})
        async with a_stage(elsewhere, stage.database, twin, stage.clock) as moved:
            browser = moved.browser(cookies={"mp_session": cookie})
            assert await me(browser) == ["ROLE_MEMBER"]
            assert (await browser.api("POST", "/api/organizations", json={"name": "x"})).status_code == 403


async def test_an_expired_token_is_inactive_to_the_second(tenant: Tenant, stage: Stage) -> None:
    """The leeway is for other machines' clocks; to introspect it asks ours (RFC 7662 section 2.2)."""
    token = await (await tenant.signed_in()).access_token()
    assert (await introspect(stage.browser(), token))["active"]
    stage.clock.advance(seconds=301)
    assert await introspect(stage.browser(), token) == {"active": False}


async def test_what_is_left_of_a_dead_session_is_cleared(tenant: Tenant) -> None:
    browser = await tenant.signed_in()
    assert (await browser.api("DELETE", "/auth/sessions")).status_code == 200
    answer = await browser.http.post("/auth/logout", headers={"Origin": browser.base})
    assert (answer.status_code, browser.session_cookie) == (401, None)
