"""A1: a callback counts only in the browser that started that very sign-in; any other costs WorkOS nothing."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.kit.ids import fingerprint
from sandbox.server import Sandbox
from tests.builders import Tenant
from tests.gateway import Stage, a_config, a_stage


def state_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["state"][0]


async def test_a1_another_browser_cannot_finish_and_does_not_spoil(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    stranger, _ = await tenant.at_callback("sam")
    sessions = await stage.count("sessions")
    for other in (stranger, stage.browser()):
        answer = await other.visit(callback)
        assert (answer.status_code, answer.json()["code"]) == (400, "login_state_mismatch")
        assert other.session_cookie is None
    assert (await stage.count("sessions"), stage.exchanges()) == (sessions, 0)
    # The refused visits consumed nothing: the browser that started it still gets in.
    assert (await browser.visit(callback)).status_code == 303


async def test_a1_the_strangers_own_sign_in_survives_the_refusal(tenant: Tenant) -> None:
    _, planted = await tenant.at_callback()
    victim, own = await tenant.at_callback("sam")
    for foreign in (planted, "/auth/callback/workos?error=access_denied", "/auth/callback/workos?code=x"):
        assert (await victim.visit(foreign)).status_code in {400, 403}
    assert (await victim.visit(own)).status_code == 303


@pytest.mark.parametrize("position", [0, 1, 21, 42])
async def test_a1_one_changed_character(tenant: Tenant, stage: Stage, position: int) -> None:
    browser, callback = await tenant.at_callback()
    state = state_of(callback)
    changed = state[:position] + ("A" if state[position] != "A" else "B") + state[position + 1 :]
    sessions = await stage.count("sessions")
    for forged in (changed, state[:-1], f"{state}=", f"{state}A", state.swapcase(), f" {state}", "x", "\u00e9" * 5000):
        answer = await browser.http.get("/auth/callback/workos", params={"code": "c", "state": forged})
        assert (answer.status_code, answer.json()["code"]) == (400, "login_state_mismatch"), forged
    assert (await stage.count("sessions"), stage.exchanges()) == (sessions, 0)


async def test_a1_what_the_database_keeps_cannot_be_replayed(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    state, cookie = state_of(callback), browser.http.cookies["mp_login"]
    assert len(state) == len(cookie) == 43  # 256 bits in base64url
    (row,) = await stage.sql("select * from login_flows where state_hash = $1", fingerprint(state))
    assert row["cookie_hash"] == fingerprint(cookie)
    kept = " ".join(value.hex() + repr(value) if isinstance(value, bytes) else str(value) for value in row.values())
    assert state not in kept
    assert cookie not in kept


async def test_a1_two_tabs_finish_in_any_order(tenant: Tenant, stage: Stage) -> None:
    browser, first = await tenant.at_callback()
    started = await browser.start(connection=tenant.connection_workos_id, login_hint=tenant.people["sam"])
    second = await browser.at_identity_provider(started)
    cookie = browser.http.cookies["mp_login"]
    assert (await browser.visit(second)).status_code == 303
    tab = stage.browser(cookies={"mp_login": cookie})  # the first tab's request left before the cookie was cleared
    assert (await tab.visit(first)).status_code == 303


async def test_a1_two_sign_in_cookies_are_refused(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    tossed = f"mp_login={'A' * 43}; mp_login={browser.http.cookies['mp_login']}"
    answer = await stage.browser().visit(callback, cookie=tossed)
    assert (answer.status_code, answer.json()["code"]) == (400, "login_state_mismatch")
    assert stage.exchanges() == 0


async def test_a1_over_https_the_cookie_is_bound_to_the_host(
    tenant: Tenant, database: str, twin: Sandbox, tmp_path: Path
) -> None:
    config = a_config(twin.public_url, tmp_path, public_url="https://login.example")
    async with a_stage(config, database, twin) as secure:
        answer = await secure.browser("https://login.example").start(connection=tenant.connection_workos_id)
    assert answer.status_code == 302
    name, _, attributes = answer.headers["set-cookie"].partition("=")
    assert name == "__Host-mp_login"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax", "Max-Age=600"} <= set(attributes.split("; "))
    assert "domain" not in attributes.lower()
