"""C11: what is sensitive asks for a sign-in of the last 15 minutes: 14 will do, 16 will not."""

from typing import Any

import pytest

from app.access.permissions import ROUTES
from tests.builders import Tenant
from tests.gateway import Stage

PERSON = "{person_id}"
# Routes that ask for it, with a body that changes nothing, and what a fresh caller is answered.
SENSITIVE: dict[tuple[str, str], dict[str, Any]] = {
    ("PATCH", "/api/users/{person_id}"): {"state": "active"},
    ("PUT", "/api/users/{person_id}/roles"): {"roles": []},
}
# Ending a session takes something from a thief: it must not wait for a sign-in.
AT_ONCE = [("DELETE", "/api/users/{person_id}/sessions")]


@pytest.mark.parametrize(("method", "path"), SENSITIVE)
async def test_c11_an_old_sign_in_is_not_enough(method: str, path: str, tenant: Tenant, stage: Stage) -> None:
    assert (method, path) in ROUTES
    await tenant.signed_in("sam")
    ada, sam = await tenant.signed_in(), await tenant.user_id("sam")
    target, body = path.replace(PERSON, str(sam)), SENSITIVE[method, path]
    before = await stage.sql("select * from users where id = $1", sam)
    stage.clock.advance(seconds=14 * 60)
    assert (await ada.api(method, target, json=body)).status_code == 200
    stage.clock.advance(seconds=2 * 60)
    answer = await ada.api(method, target, json=body)
    assert (answer.status_code, answer.json()["code"]) == (401, "reauthentication_required")
    sharp = {"state": "inactive"} if method == "PATCH" else {"roles": ["ROLE_CLIENT_USER"]}
    assert (await ada.api(method, target, json=sharp)).status_code == 401
    assert await stage.sql("select * from users where id = $1", sam) == before
    again = await tenant.signed_in()
    assert (await again.api(method, target, json=body)).status_code == 200


@pytest.mark.parametrize(("method", "path"), AT_ONCE)
async def test_c11_ending_sessions_does_not_wait(method: str, path: str, tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in("sam")
    ada = await tenant.signed_in()
    stage.clock.advance(seconds=16 * 60)
    assert (await ada.api(method, path.replace(PERSON, str(await tenant.user_id("sam"))))).status_code == 200


async def test_c11_one_who_may_not_is_not_asked_to_sign_in_again(tenant: Tenant, stage: Stage) -> None:
    mia = await tenant.signed_in("mia")
    stage.clock.advance(seconds=16 * 60)
    answer = await mia.api("PATCH", f"/api/users/{await tenant.user_id('mia')}", json={"state": "active"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")
