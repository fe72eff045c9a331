"""A21: a sign-in makes a new session; what the browser had before is worth nothing afterwards (ASVS 7.2.4)."""

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage, introspect


def _alone(stage: Stage, cookie: str) -> Browser:
    return stage.browser(cookies={"mp_session": cookie})


@pytest.mark.parametrize("chosen", ["A" * 43, "chosen-by-somebody-else", "", "\u00e9" * 43, "x" * 4000])
async def test_a21_a_chosen_value_is_not_taken_over(tenant: Tenant, stage: Stage, chosen: str) -> None:
    browser, callback = await tenant.at_callback()
    login = browser.http.cookies["mp_login"]
    planted = f"mp_login={login}; mp_session={chosen}"
    answer = await stage.browser().http.get(callback, headers=[(b"cookie", planted.encode("latin-1"))])
    assert answer.status_code == 303
    assert answer.cookies["mp_session"] != chosen
    assert len(answer.cookies["mp_session"]) == 43
    only = [(b"origin", browser.base.encode()), (b"cookie", f"mp_session={chosen}".encode("latin-1"))]
    old = await stage.browser().http.post("/auth/token", headers=only)
    assert old.status_code == 401
    assert (await _alone(stage, answer.cookies["mp_session"]).token()).status_code == 200


async def test_a21_the_session_of_before_ends(tenant: Tenant, stage: Stage) -> None:
    first = await tenant.signed_in("sam")
    token, old = await first.access_token(), str(first.session_cookie)
    browser = stage.browser(cookies={"mp_session": old})
    assert (await browser.sign_in(tenant.people["ada"])).status_code == 303
    assert (await _alone(stage, old).token()).status_code == 401
    assert await introspect(browser, token) == {"active": False}


async def test_a21_also_an_attackers_own_of_another_tenant(tenant: Tenant, stage: Stage) -> None:
    """Who plants a living session of his own company must not keep it as a second door to the same browser."""
    elsewhere = await a_tenant(stage)
    old = str((await elsewhere.signed_in()).session_cookie)
    browser = stage.browser(cookies={"mp_session": old})
    answer = await browser.sign_in(tenant.people["ada"])
    assert answer.status_code == 303
    fresh = answer.cookies["mp_session"]
    assert fresh != old
    assert (await _alone(stage, old).token()).status_code == 401
    assert (await _alone(stage, fresh).api("GET", "/auth/session")).json()["organization"]["id"] == str(tenant.id)
    (row,) = await stage.sql(
        "select count(*) as n from audit_events where organization_id = $1 and action = 'session.ended'", elsewhere.id
    )
    assert row["n"] == 1


async def test_a21_a_failed_sign_in_ends_nothing(tenant: Tenant, stage: Stage) -> None:
    old = str((await tenant.signed_in()).session_cookie)
    stage.twin.fail_logins("access_denied", connection=tenant.connection_workos_id)
    browser = stage.browser(cookies={"mp_session": old})
    assert (await browser.sign_in(tenant.people["sam"])).status_code == 403
    assert (await _alone(stage, old).token()).status_code == 200


async def test_a21_every_sign_in_has_a_value_of_its_own(tenant: Tenant) -> None:
    values = {str((await tenant.signed_in()).session_cookie) for _ in range(5)}
    assert len(values) == 5
