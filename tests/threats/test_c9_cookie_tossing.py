"""C9: who gets a second cookie into somebody's browser gains nothing: two are refused, another name is not read."""

from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.asgi import Headers, ask
from tests.builders import Tenant, a_tenant
from tests.gateway import BASE, Stage
from tests.sessions.stages import own_stage

SECURE = "https://auth.memberpulse.example"


def pairs(name: str, victim: str, attacker: str) -> list[Headers]:
    """Return two cookies of one name, in every way that they may arrive."""
    both = [(victim, attacker), (attacker, victim), (victim, victim), (victim, ""), ("", victim)]
    return [
        *([("cookie", f"{name}={one}; {name}={two}")] for one, two in both),
        *([("cookie", f"{name}={one}"), ("cookie", f"{name}={two}")] for one, two in both),
        [("cookie", f"{name}={attacker};{name}={victim};other=1")],
    ]


@pytest.mark.parametrize("path", ["/auth/token", "/auth/logout"])
async def test_c9_two_session_cookies(path: str, tenant: Tenant, stage: Stage) -> None:
    victim, attacker = await tenant.signed_in("ada"), await tenant.signed_in("mia")
    for headers in pairs("mp_session", victim.session_cookie or "", attacker.session_cookie or ""):
        answer = await ask(stage.app, "POST", path, [*headers, ("origin", BASE)])
        assert answer.status == 400, headers
        assert answer.json()["code"] == "session_cookie_repeated"
        assert answer.all("set-cookie") == []
    assert [(await browser.token()).status_code for browser in (victim, attacker)] == [200, 200]


async def test_c9_two_login_cookies(tenant: Tenant, stage: Stage) -> None:
    """The attacker's sign-in must not be finished in the victim's browser."""
    victim, attacker = stage.browser(), stage.browser()
    await victim.start(connection=tenant.connection_workos_id)
    started = await attacker.start(connection=tenant.connection_workos_id, login_hint=tenant.people["mia"])
    callback = await attacker.at_identity_provider(started)
    query = callback.partition("?")[2]
    before, exchanges = await stage.count("sessions"), stage.exchanges()
    tossed = pairs("mp_login", victim.http.cookies["mp_login"], attacker.http.cookies["mp_login"])
    for headers in tossed:
        answer = await ask(stage.app, "GET", "/auth/callback/workos", headers, query=query)
        assert answer.status == 400, headers
        assert answer.json()["code"] == "login_state_mismatch"
    assert (await stage.count("sessions"), stage.exchanges()) == (before, exchanges)


async def test_c9_cookie_of_another_name_is_not_read(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    """A subdomain can set `mp_session` for its parent domain, but no `__Host-` cookie."""
    async with own_stage(server_url, twin, tmp_path, public_url=SECURE) as stage:
        tenant = await a_tenant(stage, ada="MemberPulse Admins", mia="MemberPulse Members")
        cookies: list[str] = []
        for name in ("ada", "mia"):
            browser = stage.browser(SECURE)
            assert (
                await browser.sign_in(tenant.people[name], connection=tenant.connection_workos_id)
            ).status_code == 303
            cookies.append(browser.http.cookies["__Host-mp_session"])
        victim, attacker = cookies
        host, origin = "auth.memberpulse.example", ("origin", SECURE)
        for name in (
            "mp_session",
            "__host-mp_session",
            "__Host-mp_session ",
            "__Secure-mp_session",
            "X__Host-mp_session",
        ):
            tossed = [("cookie", f"{name}={attacker}"), origin]
            assert (await ask(stage.app, "POST", "/auth/token", tossed, host=host)).status == 401, name
            both = [("cookie", f"{name}={attacker}; __Host-mp_session={victim}"), origin]
            answer = await ask(stage.app, "POST", "/auth/token", both, host=host)
            assert answer.json()["session"]["user"]["email"] == tenant.people["ada"], name
