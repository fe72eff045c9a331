"""Limits at the door: which paths fall under which rule, and what people and services may do at most."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.access.permissions import ROUTES
from app.http.limits import rule_of
from app.rates import rules
from app.rates.rules import Rule
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import SERVICE, Stage
from tests.sessions.stages import own_stage
from tests.threats.tenancy import fill


@pytest.fixture
async def limited(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Tenant]:
    async with own_stage(server_url, twin, tmp_path, rate_limits="on") as stage:
        yield await a_tenant(stage, ada="MemberPulse Admins", mia="MemberPulse Members")


def use_up(stage: Stage, rule: Rule, caller: str) -> None:
    """Let a caller have made all the requests that a rule allows."""
    for _ in range(rule.amount):
        stage.assembly.runtime.rates.windows.add(rule.name, caller, rule.seconds, stage.clock.now().timestamp())


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/auth/sso", rules.LOGINS),
        ("/auth/callback/workos", rules.CALLBACKS),
        ("/auth/token", rules.SESSIONS),
        ("/auth/sessions/0190", rules.SESSIONS),
        ("/api/users", rules.API),
        ("/webhooks/workos", rules.DELIVERIES),
        ("/readyz", rules.OTHERS),
        ("/nowhere", rules.OTHERS),
        ("/apiary", rules.OTHERS),
        ("/healthz", None),
        ("/.well-known/jwks.json", None),
    ],
)
def test_a_path_falls_under_a_rule(path: str, rule: Rule | None) -> None:
    assert rule_of(path) is rule


def test_only_ready_answers_are_unlimited() -> None:
    assert {path for _, path in ROUTES if rule_of(path) is None} == {
        "/healthz",
        "/.well-known/jwks.json",
        "/.well-known/oauth-authorization-server",
    }


@pytest.mark.parametrize(
    ("rule", "method", "path"),
    [
        (rules.READS, "GET", "/api/auth/sso/connections"),
        (rules.READS, "GET", "/auth/sessions"),
        (rules.WRITES, "POST", "/api/directories"),
    ],
)
async def test_a_person_has_a_limit_of_their_own_wherever_they_are(
    rule: Rule, method: str, path: str, limited: Tenant
) -> None:
    ada, mia = await limited.signed_in(), await limited.signed_in("mia")
    use_up(limited.stage, rule, str(await limited.user_id()))
    for address in ("203.0.113.7", "198.51.100.1"):
        async with limited.stage.browser(address=address).http as http:
            answer = await http.request(method, path, headers=await ada.bearer(), json={} if method == "POST" else None)
        assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
        assert answer.headers["ratelimit-limit"] == str(rule.amount)
    assert (await mia.api("GET", "/auth/sessions")).status_code == 200
    assert (await ada.token()).status_code == 200, "what they are signed in for goes on"


async def test_reading_goes_on_where_changing_is_refused(limited: Tenant) -> None:
    ada = await limited.signed_in()
    use_up(limited.stage, rules.WRITES, str(await limited.user_id()))
    assert (await ada.api("GET", "/api/directories")).status_code == 200


async def test_the_page_of_people_counts_as_a_read(limited: Tenant) -> None:

    await fill(limited)
    ada = await limited.signed_in()
    (row,) = await limited.stage.sql("select id from directories where organization_id = $1", limited.id)
    path = f"/api/directories/{row['id']}/users?limit=10"
    assert (await ada.api("GET", path)).status_code == 200
    use_up(limited.stage, rules.READS, str(await limited.user_id()))
    assert (await ada.api("GET", path)).status_code == 429


async def test_a_service_is_limited_by_who_it_is(limited: Tenant) -> None:
    use_up(limited.stage, rules.INTROSPECTIONS, SERVICE[0])
    for path in ("/auth/introspect", "/auth/revoke"):
        async with limited.stage.browser(address="198.51.100.2").http as http:
            answer = await http.post(path, data={"token": "t"}, auth=SERVICE)
            assert answer.status_code == 429
            assert (await http.post(path, data={"token": "t"}, auth=("svc", "wrong"))).status_code == 401


async def test_an_address_that_asks_without_end_is_refused_before_any_route(limited: Tenant) -> None:
    stage = limited.stage
    use_up(stage, rules.API, "203.0.113.7")
    async with stage.browser().http as http:
        assert (await http.get("/api/users")).status_code == 429
        assert (await http.get("/.well-known/jwks.json")).status_code == 200
        preflight = await http.options("/api/users", headers={"Origin": stage.config.home})
        assert preflight.status_code != 429


async def test_switched_off_nobody_is_counted(stage: Stage) -> None:
    assert stage.config.rate_limits == "off"
    assert stage.app.limits is None
    assert len(stage.assembly.runtime.rates.windows) == 0


async def test_whoever_verifies_the_record_again_and_again_waits_and_may_do_all_else(limited: Tenant) -> None:
    ada = await limited.signed_in()
    answers = [await ada.api("GET", "/api/audit/verify") for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert (await ada.api("GET", "/api/audit/events")).status_code == 200


async def test_nobody_has_the_gateway_read_other_peoples_pages_without_end(limited: Tenant) -> None:
    ada, stage = await limited.signed_in(), limited.stage
    path = f"/api/organizations/{limited.id}/sso/configuration"
    use_up(stage, rules.CONFIGURATIONS, str(await limited.user_id()))
    answer = await ada.api("PUT", path, json={"metadata_url": "https://idp.example/metadata"})
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    stage.clock.advance(seconds=rules.CONFIGURATIONS.seconds)
    assert (await ada.api("PUT", path, json={"metadata_url": "http://idp.example/metadata"})).status_code == 422
