"""B22: introspection is for services that prove who they are, and of a dead token it says only that it is dead."""

import pytest

from tests.builders import Tenant
from tests.clients.test_clients_api import PATH, made, within_a_second
from tests.gateway import BASE, SERVICE, Browser, Stage, introspect
from tests.tokens.forge import ES256, STRANGER, forge
from tests.tokens.planted import a_forger, planted


@pytest.mark.parametrize("auth", [None, ("svc", "wrong"), ("nobody", SERVICE[1]), ("", "")])
async def test_b22_without_credentials_nothing_is_said(
    auth: tuple[str, str] | None, tenant: Tenant, stage: Stage
) -> None:
    token = await (await tenant.signed_in()).access_token()
    answer = await stage.browser(auth=auth).http.post("/auth/introspect", data={"token": token})
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_client")
    assert answer.headers["www-authenticate"].startswith("Basic ")
    assert token not in answer.text


async def test_b22_a_person_is_no_service(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    headers = await browser.bearer()
    answer = await stage.browser().http.post("/auth/introspect", data={"token": "x"}, headers=headers)
    assert answer.status_code == 401


async def test_b22_a_revoked_credential_asks_no_more(tenant: Tenant, stage: Stage) -> None:
    admin, token = await stage.platform_admin(), await (await tenant.signed_in()).access_token()
    client = await made(admin)
    await within_a_second(stage, client["id"], client["secret"], 200)
    await admin.api("DELETE", f"{PATH}/{client['id']}")
    await within_a_second(stage, client["id"], client["secret"], 401)
    assert (await introspect(stage.browser(), token))["active"], "the token is none the worse for it"


async def test_b22_of_a_dead_token_it_says_that_and_nothing_else(tenant: Tenant, stage: Stage) -> None:
    forger = await a_forger(stage, await tenant.signed_in())
    ended = await tenant.signed_in()
    revoked = await ended.access_token()
    await ended.http.post("/auth/logout", headers={"Origin": BASE})
    async with planted(stage, ES256):
        assert (await introspect(stage.browser(), forger.forge()))["active"]
        dead = {
            "unknown": "x.y.z",
            "revoked": revoked,
            "expired": forge(forger.claims(**forger.times(iat=-400, nbf=-400, exp=-1))),
            "other issuer": forger.forge(iss="https://other.example"),
            "other key": forge(forger.claims(), key=STRANGER),
        }
        for name, token in dead.items():
            answer = await stage.browser().http.post("/auth/introspect", data={"token": token}, auth=SERVICE)
            assert (answer.status_code, answer.content) == (200, b'{"active":false}'), name


async def test_b22_people_of_no_access_are_dead_at_once(tenant: Tenant, browser: Browser) -> None:
    ada, mia = await tenant.signed_in(), await tenant.signed_in("mia")
    token = await mia.access_token()
    await ada.api("PATCH", f"/api/users/{await tenant.user_id('mia')}", json={"state": "inactive"})
    assert await introspect(browser, token) == {"active": False}
