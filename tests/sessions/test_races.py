"""Races with real commits: a session that is ended while somebody uses it."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from app.sessions import service as sessions
from tests.builders import Tenant
from tests.gateway import SERVICE, Browser, Stage, introspect

Deed = Callable[[Browser, str], Coroutine[Any, Any, httpx.Response]]


async def log_out(browser: Browser, _token: str) -> httpx.Response:
    headers = {"Origin": browser.base, "Cookie": f"mp_session={browser.session_cookie}"}
    return await browser.http.post("/auth/logout", headers=headers)


async def sign_out_everywhere(browser: Browser, token: str) -> httpx.Response:
    return await browser.http.delete("/auth/sessions", headers={"Authorization": f"Bearer {token}"})


async def revoke(browser: Browser, token: str) -> httpx.Response:
    return await browser.http.post("/auth/revoke", data={"token": token}, auth=SERVICE)


@pytest.mark.parametrize("deed", [log_out, sign_out_everywhere, revoke])
async def test_ended_while_tokens_are_minted(deed: Deed, tenant: Tenant, stage: Stage) -> None:
    """A token may still leave, but what leaves is dead: at once by introspection, within a second here."""
    minted: list[str] = []
    late = 0
    for round_ in range(8):
        browser = await tenant.signed_in()
        token, cookie = await browser.access_token(), browser.session_cookie
        headers = {"Origin": browser.base, "Cookie": f"mp_session={cookie}"}
        minting = [
            asyncio.create_task(stage.browser().http.post("/auth/token", headers=headers)) for _ in range(round_ * 2)
        ]
        await asyncio.sleep(round_ / 4_000)
        ending = asyncio.create_task(deed(browser, token))
        minting += [asyncio.create_task(stage.browser().http.post("/auth/token", headers=headers)) for _ in range(10)]
        answers = await asyncio.gather(*minting)
        assert (await ending).status_code == 200
        assert {answer.status_code for answer in answers} <= {200, 401}
        minted += [token, *(answer.json()["access_token"] for answer in answers if answer.status_code == 200)]
        late += sum(answer.status_code == 200 for answer in answers)
        assert (await stage.browser().http.post("/auth/token", headers=headers)).status_code == 401
    assert late, "no token left during any of the races, so they were none"
    for token in minted:
        assert await introspect(stage.browser(), token) == {"active": False}
    await stage.assembly.live.look()
    for token in minted:
        answer = await stage.browser().http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


async def test_stamping_never_revives_what_ended(tenant: Tenant, stage: Stage) -> None:
    """The end holds its row's lock; a stamping that meets it goes on without and must not undo it."""
    browser = await tenant.signed_in()
    (row,) = await stage.sql("select id from sessions where organization_id = $1", tenant.id)
    async with stage.unit(tenant.id) as uow:
        assert len(await sessions.end(uow, [row["id"]], "test")) == 1
        async with asyncio.timeout(1):
            assert (await browser.token()).status_code == 200, "not committed yet, and nobody waits for the lock"
    assert (await browser.token()).status_code == 401
    (row,) = await stage.sql("select ended_at, end_reason from sessions where organization_id = $1", tenant.id)
    assert row["ended_at"] is not None
    assert row["end_reason"] == "test"


async def test_many_tabs_stamp_one_session(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    stage.clock.advance(minutes=1)
    answers = await asyncio.gather(*(browser.token() for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["access_token"] for answer in answers}) == 100, "each its own jti"
    (row,) = await stage.sql("select last_seen_at, created_at from sessions where organization_id = $1", tenant.id)
    assert (row["last_seen_at"] - row["created_at"]).total_seconds() >= 60


async def test_rolled_back_end_ends_nothing(tenant: Tenant, stage: Stage) -> None:
    browser = await tenant.signed_in()
    (row,) = await stage.sql("select id from sessions where organization_id = $1", tenant.id)
    with pytest.raises(LookupError):
        await _end_and_fail(stage, tenant, row["id"])
    assert (await browser.token()).status_code == 200
    marks = await stage.sql("select 1 from stale_sessions where value = $1", str(row["id"]))
    assert marks == []


async def _end_and_fail(stage: Stage, tenant: Tenant, session: object) -> None:
    async with stage.unit(tenant.id) as uow:
        await sessions.end(uow, [session], "test")  # type: ignore[list-item]  # a row's id
        raise LookupError("after the end, before the commit")
