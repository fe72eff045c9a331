"""B20: a session ends for good after its absolute lifetime, however busy it is."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import introspect
from tests.sessions.stages import own_stage


@pytest.mark.parametrize(
    ("group", "hours"), [("MemberPulse Members", 24), ("MemberPulse Staff", 24), ("MemberPulse Admins", 12)]
)
async def test_b20_busy_session_ends(group: str, hours: int, server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        browser = await (await a_tenant(stage, ada=group)).signed_in()
        for _ in range(hours - 1):
            stage.clock.advance(hours=1)
            assert (await browser.token()).status_code == 200
        stage.clock.advance(minutes=59)
        last = await browser.access_token()  # its own five minutes reach beyond the session's end
        bearer = {"Authorization": f"Bearer {last}"}
        assert (await browser.http.get("/auth/session", headers=bearer)).status_code == 200
        stage.clock.advance(minutes=1)
        assert (await browser.token()).status_code == 401
        assert (await browser.http.get("/auth/session", headers=bearer)).status_code == 401
        assert (await browser.http.get("/api/providers", headers=bearer)).status_code == 401
        assert await introspect(browser, last) == {"active": False}


async def test_b20_database_decides(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    """Even with a token that was minted a moment ago: the row's end counts, not what a token or a memory says."""
    async with own_stage(server_url, twin, tmp_path) as stage:
        tenant = await a_tenant(stage)
        browser = await tenant.signed_in()
        token = await browser.access_token()
        await stage.sql(
            "update sessions set created_at = created_at - interval '13 hours',"
            " expires_at = expires_at - interval '13 hours'"
        )
        assert (await browser.token()).status_code == 401
        assert await introspect(browser, token) == {"active": False}


async def test_b20_policy_shortens_it(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        tenant = await a_tenant(stage, mia="MemberPulse Members")
        await tenant.policy(session_absolute_seconds=3600)
        browser = await tenant.signed_in("mia")
        stage.clock.advance(minutes=59)
        assert (await browser.token()).status_code == 200
        stage.clock.advance(minutes=1)
        assert (await browser.token()).status_code == 401
