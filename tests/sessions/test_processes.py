"""Two gateways over one database: what one ends or lowers, the other refuses within a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Never
from uuid import UUID

import asyncpg
import pytest

from app.sessions import service as sessions
from tests.builders import Tenant
from tests.gateway import Browser, Stage, introspect
from tests.sessions.stages import beside


async def answer(stage: Stage, token: str, path: str = "/auth/session") -> int:
    return (await stage.browser().http.get(path, headers={"Authorization": f"Bearer {token}"})).status_code


async def within_a_second(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(1):
        while not await holds():
            await asyncio.sleep(0.02)


async def end_by_cookie(browser: Browser, _tenant: Tenant) -> None:
    assert (await browser.http.post("/auth/logout", headers={"Origin": browser.base})).status_code == 200


async def end_by_api(browser: Browser, _tenant: Tenant) -> None:
    assert (await browser.api("DELETE", "/auth/sessions")).json() == {"ended": 1}


async def suspend(_browser: Browser, tenant: Tenant) -> None:
    await tenant.stage.sql("update organizations set state = 'suspended' where id = $1", tenant.id)
    async with tenant.stage.unit(tenant.id) as uow:
        await sessions.organization_changed(uow)


async def deactivate(_browser: Browser, tenant: Tenant) -> None:
    user = await tenant.user_id()
    await tenant.stage.sql("update users set state = 'deactivated' where id = $1", user)
    async with tenant.stage.unit(tenant.id) as uow:
        await sessions.rights_changed(uow, user, ())


async def disable_connection(_browser: Browser, tenant: Tenant) -> None:
    await tenant.stage.sql("update connections set state = 'inactive' where organization_id = $1", tenant.id)
    async with tenant.stage.unit(tenant.id) as uow:
        await sessions.organization_changed(uow)


@pytest.mark.parametrize("deed", [end_by_cookie, end_by_api, suspend, deactivate, disable_connection])
async def test_what_one_process_ends_the_other_refuses(
    deed: Callable[[Browser, Tenant], Awaitable[None]], tenant: Tenant, stage: Stage
) -> None:
    browser = await tenant.signed_in()
    token, cookie = await browser.access_token(), browser.session_cookie or ""
    async with beside(stage) as other:
        assert await answer(other, token) == 200
        await deed(browser, tenant)
        assert await introspect(other.browser(), token) == {"active": False}, "at once"

        async def refused() -> bool:
            return [await answer(gateway, token) for gateway in (stage, other)] == [401, 401]

        await within_a_second(refused)
        again = other.browser()
        again.http.cookies.set("mp_session", cookie)
        assert (await again.token()).status_code == 401


async def test_lowered_role_counts_in_the_other_process(tenant: Tenant, stage: Stage) -> None:
    """The token still says admin; the session's present rights decide."""
    browser = await tenant.signed_in()
    token, user = await browser.access_token(), await tenant.user_id()
    async with beside(stage) as other:
        assert await answer(other, token, "/api/organizations") == 200
        await stage.sql(
            "update users set mapped_role = 'ROLE_MEMBER', rights_version = rights_version + 1 where id = $1", user
        )
        async with stage.unit(tenant.id) as uow:
            await sessions.rights_changed(uow, user, ())

        async def refused() -> bool:
            return await answer(other, token, "/api/organizations") == 403

        await within_a_second(refused)
        assert await answer(other, token) == 200
        found = await introspect(other.browser(), token)
        assert (found["roles"], found["ver"]) == (["ROLE_MEMBER"], 2)


async def test_process_whose_follower_is_cut_off_asks_the_database(
    tenant: Tenant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await tenant.signed_in()
    token = await browser.access_token()
    async with beside(stage) as other:
        assert await answer(other, token) == 200

        async def cut_off(_horizon: int) -> Never:
            raise asyncpg.InterfaceError("cut off")

        monkeypatch.setattr(other.assembly.lookups, "marks_since", cut_off)
        await end_by_cookie(browser, tenant)

        async def refused() -> bool:
            return await answer(other, token) == 401

        await within_a_second(refused)


async def test_process_without_a_database_answers_503(
    tenant: Tenant, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await (await tenant.signed_in()).access_token()
    async with beside(stage) as other:
        assert await answer(other, token) == 200

        async def away(*_arguments: object) -> Never:
            raise asyncpg.InterfaceError("cut off")

        monkeypatch.setattr(type(other.assembly.runtime.lane), "fetch", away)

        # Both at once: a look that was under way when the database left may still come home, and counts for 0.9 s.
        async def unsure() -> bool:
            return [await answer(other, token, path) for path in ("/auth/session", "/api/providers")] == [503, 503]

        await within_a_second(unsure)
        assert (await other.browser().http.get("/.well-known/jwks.json")).status_code == 200
        monkeypatch.undo()
        assert await answer(other, token) == 200


async def test_mark_of_a_transaction_that_commits_late(tenant: Tenant, stage: Stage) -> None:
    """It wrote its mark first and commits last; meanwhile later marks have come and gone."""
    browser = await tenant.signed_in()
    token = await browser.access_token()
    (row,) = await stage.sql("select id from sessions where organization_id = $1", tenant.id)
    session: UUID = row["id"]
    async with beside(stage) as other:
        assert await answer(other, token) == 200
        async with stage.unit(tenant.id) as uow:
            await sessions.end(uow, [session], "late")
            for _ in range(3):
                async with stage.unit(tenant.id) as later:
                    await sessions.rights_changed(later, UUID(int=4711), ())
                await other.assembly.live.look()
            assert await answer(other, token) == 200, "not committed, so it has not happened"
        await other.assembly.live.look()
        assert await answer(other, token) == 401
