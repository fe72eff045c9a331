"""A22: the Host header chooses nothing: a foreign one is refused, and the redirect URI is the configured one."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.server import Sandbox
from tests.builders import Tenant
from tests.gateway import Stage, a_config, a_stage

HOSTS = [
    "evil.com",
    "a/?x=",
    "localhost:8000.evil.com",
    "localhost:8000@evil.com",
    "localhost",
    "localhost:80",
    "localhost:8000 ",
    "localhost:8000, evil.com",
    "localhost:8000/../x",
    "[::1]:8000",
    "127.0.0.1:8000",
    "",
    "localhost:8000#",
    "LOCALHOST:8001",
]
PATHS = ["/auth/sso?domain=x.example", "/auth/callback/workos?code=a&state=b", "/openapi.json", "/nowhere"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("host", HOSTS)
async def test_a22_a_foreign_host_is_refused(stage: Stage, host: str, path: str) -> None:
    answer = await stage.browser().http.get(path, headers={"host": host})
    assert answer.status_code in {400, 421}
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert not host or host not in answer.text


async def test_a22_two_hosts_are_none(stage: Stage) -> None:
    answer = await stage.browser().http.get(
        "/auth/sso", headers=[("host", "localhost:8000"), ("host", "localhost:8000")]
    )
    assert answer.status_code in {400, 421}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"host": "LocalHost:8000"},
        {"x-forwarded-host": "evil.com"},
        {"forwarded": "host=evil.com;proto=https"},
        {"x-forwarded-proto": "https", "x-forwarded-port": "444"},
        {"x-original-url": "http://evil.com/", "x-rewrite-url": "/evil"},
        {"origin": "https://evil.com"},
        {"referer": "https://evil.com/"},
    ],
    ids=str,
)
async def test_a22_the_redirect_uri_is_the_setting(tenant: Tenant, stage: Stage, headers: dict[str, str]) -> None:
    answer = await stage.browser().http.get(
        "/auth/sso", params={"connection": tenant.connection_workos_id}, headers=headers
    )
    assert answer.status_code == 302
    sent = parse_qs(urlsplit(answer.headers["location"]).query)
    assert sent["redirect_uri"] == [stage.config.redirect_uri] == ["http://localhost:8000/auth/callback/workos"]


async def test_a22_another_of_our_hosts_moves_the_sign_in_home(
    tenant: Tenant, database: str, twin: Sandbox, tmp_path: Path
) -> None:
    """Cookies are host-only, so a sign-in must begin where it will end; nothing is stored before it is there."""
    config = a_config(
        twin.public_url,
        tmp_path,
        public_url="http://auth.localhost:8000",
        app_url="http://app.localhost:3000",
        workos_redirect_uri="http://localhost:8000/auth/callback/workos",
    )
    query = f"connection={tenant.connection_workos_id}&return_to=%2Fmembers%3Fa%3Db&login_hint=a%2Bb%40x.example"
    async with a_stage(config, database, twin) as stage:
        flows = await stage.count("login_flows")
        for host in ("auth.localhost:8000", "app.localhost:3000"):
            moved = await stage.browser().http.get(f"/auth/sso?{query}", headers={"host": host})
            assert (moved.status_code, moved.headers["location"]) == (302, f"http://localhost:8000/auth/sso?{query}")
            assert "set-cookie" not in moved.headers
        assert await stage.count("login_flows") == flows
        assert (await stage.browser().http.get("/auth/sso", headers={"host": "evil.localhost"})).status_code == 421

        browser = stage.browser()
        started = await browser.http.get(moved.headers["location"])
        assert started.status_code == 302
        started.headers["location"] = started.headers["location"].replace("a%2Bb%40x.example", tenant.people["ada"])
        done = await browser.visit(await browser.at_identity_provider(started))
        assert (done.status_code, done.headers["location"]) == (303, "http://app.localhost:3000/members?a=b")
