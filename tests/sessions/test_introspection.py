"""Introspection and revocation (RFC 7662, RFC 7009): what an active token's answer says, and no other says more."""

import asyncio

import pytest

from app.sessions import service as sessions
from tests.asgi import Headers, ask
from tests.builders import Tenant
from tests.gateway import BASE, SERVICE, Browser, Stage, introspect
from tests.tokens.forge import ES256, STRANGER, forge, header
from tests.tokens.planted import Forger, a_forger, planted

MEMBERS = {
    "active", "token_type", "iss", "sub", "aud", "client_id", "org_id", "sid", "jti", "iat", "nbf", "exp",
    "auth_time", "amr", "roles", "ver",
}  # fmt: skip
FORM = ("content-type", "application/x-www-form-urlencoded")
BASIC = ("authorization", "Basic c3ZjOmEtc2VydmljZS1zZWNyZXQtb2YtdGhlLXRlc3Rz")
INACTIVE = {"active": False}


async def revoke(browser: Browser, token: str) -> int:
    return (await browser.http.post("/auth/revoke", data={"token": token}, auth=SERVICE)).status_code


@pytest.fixture
async def forger(tenant: Tenant, stage: Stage) -> Forger:
    return await a_forger(stage, await tenant.signed_in())


async def test_active_token(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    me = (await browser.api("GET", "/auth/session")).json()
    found = await introspect(stage.browser(), await browser.access_token())
    assert set(found) == MEMBERS
    assert found["active"] is True
    assert (found["iss"], found["aud"], found["token_type"]) == (BASE, ["memberpulse-api"], "Bearer")
    assert (found["sub"], found["org_id"], found["sid"]) == (me["user"]["id"], str(tenant.id), me["session"]["id"])
    assert found["exp"] - found["iat"] == 300
    assert found["nbf"] == found["iat"]
    assert (found["roles"], found["amr"]) == (["ROLE_CLIENT_ADMIN"], ["sso"])


async def test_everything_else_says_only_that_it_is_not(forger: Forger, browser: Browser) -> None:
    stage = forger.stage
    async with planted(stage, ES256):
        assert (await introspect(browser, forger.forge()))["active"]
        dead = {
            "garbage": "x",
            "spaces": "   ",
            "session cookie": forger.cookie,
            "expired": forge(forger.claims(**forger.times(iat=-400, nbf=-400, exp=-100))),
            "other issuer": forger.forge(iss="https://other.example"),
            "other audience": forger.forge(aud="other"),
            "unknown key": forge(forger.claims(), key=STRANGER),
            "other kind": forge(forger.claims(), head=header(typ="JWT")),
            "unknown session": forger.forge(sid="01900000-0000-7000-8000-000000000009"),
            "session of another": forger.forge(sub="01900000-0000-7000-8000-000000000009"),
        }
        for name, token in dead.items():
            assert await introspect(browser, token) == INACTIVE, name
            assert await revoke(browser, token) == 200, name
        assert (await introspect(browser, forger.forge()))["active"], "none of them ended the session"


async def test_it_counts_as_nobodys_activity(tenant: Tenant, stage: Stage) -> None:
    token = await (await tenant.signed_in()).access_token()
    question = "select last_seen_at from sessions where organization_id = $1"
    before = await stage.sql(question, tenant.id)
    await introspect(stage.browser(), token)
    assert await stage.sql(question, tenant.id) == before


async def test_revoked_session_is_audited_by_the_services_name(tenant: Tenant, browser: Browser, stage: Stage) -> None:
    token = await (await tenant.signed_in()).access_token()
    answers = await asyncio.gather(*(revoke(browser, token) for _ in range(10)))
    assert set(answers) == {200}
    rows = await stage.sql(
        "select actor_type, actor_id from audit_events where organization_id = $1 and action = 'session.ended'",
        tenant.id,
    )
    assert [(row["actor_type"], row["actor_id"]) for row in rows] == [("service", SERVICE[0])], "ten requests, one deed"


async def test_administrator_of_the_platform_can_be_revoked(stage: Stage, browser: Browser) -> None:
    """A break-glass session belongs to no tenant; it must end like any other."""
    admin = await stage.platform_admin()
    token = await admin.access_token()
    assert (await introspect(browser, token))["org_id"] == str(sessions.NIL)
    assert await revoke(browser, token) == 200
    assert await introspect(browser, token) == INACTIVE
    assert (await admin.token()).status_code == 401


MALFORMED: dict[str, tuple[Headers, bytes, int]] = {
    "no body": ([FORM], b"", 400),
    "no token": ([FORM], b"token_type_hint=access_token", 400),
    "empty token": ([FORM], b"token=", 400),
    "token twice": ([FORM], b"token=a&token=b", 400),
    "not UTF-8": ([FORM], b"token=%ff", 400),
    "raw bytes": ([FORM], b"token=\xff", 400),
    "NUL": ([FORM], b"token=a%00b", 400),
    "too many fields": ([FORM], b"token=a" + b"&x=1" * 100, 400),
    "JSON": ([("content-type", "application/json")], b'{"token":"a"}', 415),
    "no type": ([], b"token=a", 415),
    "compressed": ([FORM, ("content-encoding", "gzip")], b"token=a", 415),
    "17 kB": ([FORM], b"token=" + b"a" * 17_000, 413),
    "17 kB, said before": ([FORM, ("content-length", "17006")], b"token=a", 413),
}


@pytest.mark.parametrize("path", ["/auth/introspect", "/auth/revoke"])
@pytest.mark.parametrize(("headers", "body", "status"), MALFORMED.values(), ids=MALFORMED)
async def test_malformed_questions(path: str, headers: Headers, body: bytes, status: int, stage: Stage) -> None:
    answer = await ask(stage.app, "POST", path, [BASIC, *headers], body=[body])
    assert answer.status == status
    assert answer.header("content-type") == "application/problem+json"


async def test_endless_body_is_cut_off(stage: Stage) -> None:
    pieces = [b"token=", *([b"a" * 1_000] * 10_000)]
    answer = await ask(stage.app, "POST", "/auth/introspect", [BASIC, FORM], body=pieces)
    assert answer.status == 413
    assert answer.pieces_read < 20


async def test_hint_and_parameters_of_the_future_are_ignored(tenant: Tenant, stage: Stage) -> None:
    token = await (await tenant.signed_in()).access_token()
    body = f"token={token}&token_type_hint=refresh_token&unheard=of".encode()
    assert (await ask(stage.app, "POST", "/auth/introspect", [BASIC, FORM], body=[body])).json()["active"] is True
