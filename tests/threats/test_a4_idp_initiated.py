"""A4: a sign-in that an identity provider began makes no session by itself (login CSRF; ASVS 7.6.2)."""

import asyncio
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.builders import Tenant
from tests.gateway import Browser, Stage

CONTINUE = "/auth/sso/continue"


def tile(tenant: Tenant, name: str = "ada") -> str:
    """Return the callback's URL after a click on the identity provider's tile."""
    return tenant.stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people[name])


def ticket_of(page: httpx.Response) -> str:
    (ticket,) = re.findall(r'name="ticket" value="([^"]+)"', page.text)
    return str(ticket)


async def confirm(browser: Browser, ticket: str, **headers: str) -> httpx.Response:
    """Press the page's button, as a browser does: its pages send no referrer, so the origin is null."""
    sent = headers or {"origin": "null", "sec-fetch-site": "same-origin"}
    return await browser.http.post(CONTINUE, data={"ticket": ticket}, headers=sent)


@pytest.mark.parametrize("state", ["&state=", ""], ids=["empty", "missing"])
async def test_a4_is_started_again_from_our_side(tenant: Tenant, browser: Browser, stage: Stage, state: str) -> None:
    sessions = await stage.count("sessions")
    answer = await browser.visit(tile(tenant).replace("&state=", state))
    assert answer.status_code == 303
    location = urlsplit(answer.headers["location"])
    query = {name: values[0] for name, values in parse_qs(location.query).items()}
    assert f"{location.scheme}://{location.netloc}{location.path}" == f"{stage.twin.public_url}/sso/authorize"
    assert query["connection"] == tenant.connection_workos_id
    assert len(query["state"]) == 43
    assert query["code_challenge_method"] == "S256"
    assert browser.session_cookie is None
    assert await stage.count("sessions") == sessions

    answer.headers["location"] += f"&login_hint={tenant.people['ada']}"
    assert (await browser.visit(await browser.at_identity_provider(answer))).status_code == 303
    assert (await browser.api("GET", "/auth/session")).json()["user"]["email"] == tenant.people["ada"]


async def test_a4_the_restart_is_bound_to_the_browser_that_was_restarted(tenant: Tenant, stage: Stage) -> None:
    victim = stage.browser()
    answer = await victim.visit(tile(tenant))
    answer.headers["location"] += f"&login_hint={tenant.people['ada']}"
    callback = await victim.at_identity_provider(answer)
    assert (await stage.browser().visit(callback)).status_code == 400


async def test_a4_by_policy_a_person_is_asked_first(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    await tenant.policy(allow_idp_initiated=True)
    sessions = await stage.count("sessions")
    page = await browser.visit(tile(tenant))
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert tenant.people["ada"] in page.text
    assert browser.session_cookie is None
    assert await stage.count("sessions") == sessions

    done = await confirm(browser, ticket_of(page))
    assert (done.status_code, done.headers["location"]) == (303, "http://localhost:8000/auth/signed-in")
    assert (await browser.api("GET", "/auth/session")).json()["user"]["email"] == tenant.people["ada"]
    assert await stage.count("sessions") == sessions + 1


async def test_a4_the_question_is_the_browsers_own(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    await tenant.policy(allow_idp_initiated=True)
    ticket = ticket_of(await browser.visit(tile(tenant)))
    sessions = await stage.count("sessions")
    stranger, _ = await tenant.at_callback("sam")
    for other in (stage.browser(), stranger):
        assert (await confirm(other, ticket)).json()["code"] == "login_state_mismatch"
    for forged in ("", "x", "A" * 43, ticket[:-1]):
        assert (await confirm(browser, forged)).json()["code"] == "login_state_mismatch"
    for headers in (
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"x-nothing": "at all"},
    ):
        assert (await confirm(browser, ticket, **headers)).status_code == 403, headers
    assert (await browser.http.get(CONTINUE, params={"ticket": ticket})).status_code == 405
    assert await stage.count("sessions") == sessions
    assert (await confirm(browser, ticket)).status_code == 303


async def test_a4_the_answer_counts_once(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    await tenant.policy(allow_idp_initiated=True)
    ticket = ticket_of(await browser.visit(tile(tenant)))
    cookie = browser.http.cookies["mp_login"]
    copies = [stage.browser(cookies={"mp_login": cookie}) for _ in range(10)]
    sessions = await stage.count("sessions")
    answers = await asyncio.gather(*(confirm(copy, ticket) for copy in copies))
    assert sorted(answer.status_code for answer in answers) == [303] + [400] * 9
    assert await stage.count("sessions") == sessions + 1


async def test_a4_the_question_expires(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    await tenant.policy(allow_idp_initiated=True)
    ticket = ticket_of(await browser.visit(tile(tenant)))
    stage.clock.advance(minutes=11)
    answer = await confirm(browser, ticket)
    assert (answer.status_code, answer.json()["code"]) == (400, "login_expired")


async def test_a4_a_ticket_is_no_state_and_a_state_no_ticket(tenant: Tenant, browser: Browser) -> None:
    await tenant.policy(allow_idp_initiated=True)
    ticket = ticket_of(await browser.visit(tile(tenant)))
    answer = await browser.http.get("/auth/callback/workos", params={"code": "c", "state": ticket})
    assert answer.json()["code"] == "login_state_mismatch"
    other, callback = await tenant.at_callback()
    state = callback.partition("state=")[2]
    assert (await confirm(other, state)).json()["code"] == "login_state_mismatch"


async def test_a4_what_changed_while_the_person_thought_counts(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    await tenant.policy(allow_idp_initiated=True)
    ticket = ticket_of(await browser.visit(tile(tenant)))
    await stage.sql("update connections set state = 'inactive' where id = $1", tenant.connection_id)
    answer = await confirm(browser, ticket)
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_inactive")
    assert browser.session_cookie is None


async def test_a4_a_code_of_a_sign_in_from_our_side_does_not_pass_without_its_state(
    tenant: Tenant, stage: Stage
) -> None:
    """Else a stolen code would only need its state cut off; PKCE refuses it, for the verifier stays with us."""
    await tenant.policy(allow_idp_initiated=True)
    _, callback = await tenant.at_callback()
    answer = await stage.browser().visit(callback.partition("&state=")[0])
    assert (answer.status_code, answer.json()["code"]) == (400, "login_code_rejected")
