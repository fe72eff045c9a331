"""A17: a code is worth nothing without the PKCE verifier, and that never leaves the server (RFC 7636)."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

from app.kit.ids import fingerprint
from tests.builders import Tenant
from tests.gateway import Stage


def query_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


async def test_a17_every_sign_in_has_a_challenge_of_its_own(tenant: Tenant, stage: Stage) -> None:
    browser = stage.browser()
    seen: set[str] = set()
    states: set[str] = set()
    for _ in range(1000):
        asked = query_of((await browser.start(connection=tenant.connection_workos_id)).headers["location"])
        assert asked["code_challenge_method"] == "S256"
        assert len(asked["code_challenge"]) == 43
        assert asked["state"] not in asked["code_challenge"]
        seen.add(asked["code_challenge"])
        states.add(asked["state"])
    assert (len(seen), len(states)) == (1000, 1000)


async def test_a17_the_verifier_sent_is_the_challenges_and_sealed_at_rest(tenant: Tenant, stage: Stage) -> None:
    browser = stage.browser()
    started = await browser.start(connection=tenant.connection_workos_id, login_hint=tenant.people["ada"])
    asked = query_of(started.headers["location"])
    (flow,) = await stage.sql("select verifier from login_flows where state_hash = $1", fingerprint(asked["state"]))
    assert (await browser.visit(await browser.at_identity_provider(started))).status_code == 303
    (hit,) = stage.twin.hits(path="/sso/token")
    verifier = hit.form["code_verifier"]
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert digest == asked["code_challenge"]
    assert verifier.encode() not in flow["verifier"]
    assert verifier not in started.headers["location"]
    assert verifier not in str(browser.http.cookies)


async def test_a17_a_stolen_code_fails_in_the_attackers_own_sign_in(tenant: Tenant, stage: Stage) -> None:
    _, stolen = await tenant.at_callback("ada")
    attacker, own = await tenant.at_callback("sam")
    sessions = await stage.count("sessions")
    answer = await attacker.http.get(
        "/auth/callback/workos", params={"code": query_of(stolen)["code"], "state": query_of(own)["state"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "login_code_rejected")
    assert stage.exchanges() == 1  # the twin was asked and refused the verifier
    assert await stage.count("sessions") == sessions


async def test_a17_a_blanked_verifier(tenant: Tenant, stage: Stage) -> None:
    for blank in (b"", b"\x00" * 64):
        browser, callback = await tenant.at_callback()
        await stage.sql("update login_flows set verifier = $2 where organization_id = $1", tenant.id, blank)
        answer = await browser.visit(callback)
        assert (answer.status_code, answer.json()["code"]) == (400, "login_state_mismatch")
        assert browser.session_cookie is None
    assert stage.exchanges() == 0


async def test_a17_a_verifier_copied_from_another_flow(tenant: Tenant, stage: Stage) -> None:
    """Whoever can write the table must not be able to pair a stolen code with its verifier in a flow of his own."""
    _, stolen = await tenant.at_callback("ada")
    attacker, own = await tenant.at_callback("sam")
    await stage.sql(
        "update login_flows set verifier = (select verifier from login_flows where state_hash = $1)"
        " where state_hash = $2",
        fingerprint(query_of(stolen)["state"]),
        fingerprint(query_of(own)["state"]),
    )
    answer = await attacker.http.get(
        "/auth/callback/workos", params={"code": query_of(stolen)["code"], "state": query_of(own)["state"]}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "login_state_mismatch")
    assert stage.exchanges() == 0
