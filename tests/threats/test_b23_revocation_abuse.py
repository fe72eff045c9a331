"""B23: RFC 7009. Whoever may not revoke ends nothing; whoever may, ends the session and every token of it."""

import pytest

from tests.builders import Tenant
from tests.clients.test_clients_api import made, within_a_second
from tests.gateway import SERVICE, Browser, Stage, introspect
from tests.sessions.feeds import end_of, told

REVOKE = "/auth/revoke"


async def revoked(stage: Stage, token: str, auth: tuple[str, str] | None = SERVICE) -> int:
    answer = await stage.browser(auth=auth).http.post(REVOKE, data={"token": token})
    return answer.status_code


@pytest.mark.parametrize("token", ["x", "a.b.c", "x" * 9000, "ey.ey.ey"])
async def test_b23_an_unknown_token_is_answered_200_and_ends_nothing(token: str, stage: Stage) -> None:
    after = await end_of(stage)
    assert await revoked(stage, token) == 200
    assert await told(stage, after) == []


async def test_b23_whoever_may_not_revoke_ends_nothing(tenant: Tenant, stage: Stage, browser: Browser) -> None:
    person = await tenant.signed_in()
    token, after = await person.access_token(), await end_of(stage)
    reader = await made(await stage.platform_admin(), scopes=["revocations:read"])
    await within_a_second(stage, reader["id"], reader["secret"], 403)
    assert await revoked(stage, token, (reader["id"], reader["secret"])) == 403
    assert await revoked(stage, token, (SERVICE[0], "wrong")) == 401
    assert await revoked(stage, token, None) == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert (await browser.http.post(REVOKE, data={"token": token}, headers=headers)).status_code == 401
    assert (await introspect(browser, token))["active"]
    assert await told(stage, after) == []


async def test_b23_a_revoked_token_takes_its_session_along(tenant: Tenant, stage: Stage, browser: Browser) -> None:
    person, other = await tenant.signed_in(), await tenant.signed_in()
    first, second = await person.access_token(), await person.access_token()
    sid = (await introspect(browser, first))["sid"]
    after = await end_of(stage)
    assert await revoked(stage, first) == 200
    for token in (first, second):
        assert await introspect(browser, token) == {"active": False}
    assert (await person.token()).status_code == 401
    assert await told(stage, after) == [("sid", sid)]
    assert (await other.token()).status_code == 200, "another session of the same person"
    assert await revoked(stage, first) == 200, "and again: there is nothing to do"
    assert await told(stage, after) == [("sid", sid)]


async def test_b23_a_session_cookie_is_no_token(tenant: Tenant, stage: Stage) -> None:
    """Whoever sees a cookie must not be able to end its session by way of a service that logs what it gets."""
    person = await tenant.signed_in()
    assert await revoked(stage, person.session_cookie or "") == 200
    assert (await person.token()).status_code == 200
