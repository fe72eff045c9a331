"""A20: a slow WorkOS costs a person seconds, not minutes, and a code is redeemed once."""

import time

from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged


async def test_a20_a_minute_of_silence(tenant: Tenant, stage: Stage) -> None:
    stage.twin.add_fault("POST /sso/token", "latency", delay_ms=60_000)
    browser, callback = await tenant.at_callback()
    sessions = await stage.count("sessions")
    begun = time.monotonic()
    answer = await browser.visit(callback)
    assert time.monotonic() - begun < 6
    assert (answer.status_code, answer.json()["code"]) == (503, "upstream_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert stage.exchanges() == 1  # not tried again: a second try would meet invalid_grant
    assert await stage.count("sessions") == sessions


async def test_a20_the_answer_is_lost_after_the_code_was_taken(tenant: Tenant, stage: Stage) -> None:
    stage.twin.add_fault("POST /sso/token", "reset", when="after", times=1)
    browser, callback = await tenant.at_callback()
    cookie = browser.http.cookies["mp_login"]
    with logged() as log:
        lost = await browser.visit(callback)
        again = await stage.browser(cookies={"mp_login": cookie}).visit(callback)  # the person reloads the page
    assert (lost.status_code, lost.json()["code"]) == (503, "upstream_unavailable")
    assert (again.status_code, again.json()["code"]) == (400, "login_state_mismatch")
    assert "Start the sign-in again" in again.json()["remedy"]
    assert stage.exchanges() == 1
    assert "Traceback" not in log.text

    restarted = await browser.http.get(f"{lost.json()['restart']}&login_hint={tenant.people['ada']}")
    assert (await browser.visit(await browser.at_identity_provider(restarted))).status_code == 303


async def test_a20_a_code_taken_by_a_lost_exchange_is_start_again(tenant: Tenant, stage: Stage) -> None:
    """The same code behind a fresh state: WorkOS says invalid_grant, the person hears what to do."""
    stage.twin.add_fault("POST /sso/token", "reset", when="after", times=1)
    browser, callback = await tenant.at_callback()
    await browser.visit(callback)
    second, fresh = await tenant.at_callback()
    code = callback.partition("code=")[2].partition("&")[0]
    state = fresh.partition("state=")[2]
    answer = await second.http.get("/auth/callback/workos", params={"code": code, "state": state})
    assert (answer.status_code, answer.json()["code"]) == (400, "login_code_rejected")
    assert answer.json()["remedy"] == "Start the sign-in again."


async def test_a20_nothing_is_held_while_workos_thinks(tenant: Tenant, stage: Stage) -> None:
    """No transaction is open during the exchange: a slow WorkOS takes no database connection away."""
    stage.twin.add_fault("POST /sso/token", "latency", delay_ms=60_000)
    browser, callback = await tenant.at_callback()
    await browser.visit(callback)
    rows = await stage.sql(
        "select count(*) as n from pg_stat_activity where datname = current_database()"
        " and state like 'idle in transaction%'"
    )
    assert rows[0]["n"] == 0
