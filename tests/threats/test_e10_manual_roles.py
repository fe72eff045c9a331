"""E10, by hand: nobody gives or takes a role above their own, and operators live in the platform's home only."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage, a_stage
from tests.sessions.stages import own_stage

MEMBER, USER, ADMIN, OPERATOR = "ROLE_MEMBER", "ROLE_CLIENT_USER", "ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"
ROW = "select state, manual_roles, rights_version from users where id = $1"


async def give(browser: Browser, person: object, *roles: str) -> httpx.Response:
    """Give a person exactly these manual roles."""
    return await browser.api("PUT", f"/api/users/{person}/roles", json={"roles": roles, "confirm": True})


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_e10_a_client_admin_makes_no_operator(tenant: Tenant, stage: Stage) -> None:
    ada, person = await tenant.signed_in(), await tenant.user_id()
    before = await stage.sql(ROW, person)
    for roles in ([OPERATOR], [ADMIN, OPERATOR]):
        assert code_of(await give(ada, person, *roles)) == (403, "role_not_grantable")
    assert await stage.sql(ROW, person) == before


async def test_e10_nobody_makes_an_operator_outside_the_platform(tenant: Tenant, stage: Stage) -> None:
    await tenant.signed_in()
    admin, person = await stage.platform_admin(), await tenant.user_id()
    assert code_of(await give(admin, person, OPERATOR)) == (403, "role_not_grantable")
    # One that is left over from other times counts for nothing, and goes.
    await stage.sql("update users set manual_roles = array[$2] where id = $1", person, OPERATOR)
    found = (await admin.api("GET", f"/api/users/{person}")).json()
    assert (found["manual_roles"], found["roles"]) == ([OPERATOR], [ADMIN])
    assert (await give(admin, person)).json()["manual_roles"] == []


async def test_e10_users_and_members_give_nothing(tenant: Tenant, stage: Stage) -> None:
    for name in ("sam", "mia"):
        browser, person = await tenant.signed_in(name), await tenant.user_id(name)
        before = await stage.sql(ROW, person)
        assert code_of(await give(browser, person, MEMBER)) == (403, "not_permitted")
        assert await stage.sql(ROW, person) == before


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform's own organization, with `olga`, an operator, and `cleo`, a client admin."""

    tenant: Tenant
    olga: UUID
    cleo: UUID


@pytest.fixture
async def platform(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncGenerator[Platform]:
    """A gateway at home."""
    async with own_stage(server_url, twin, tmp_path) as stage:
        tenant = await a_tenant(stage, olga="MemberPulse Platform Admins", cleo="MemberPulse Admins")
        config = stage.config.model_copy(update={"platform_organization": tenant.workos_id})
        async with a_stage(config, stage.database, twin, stage.clock) as home:
            tenant.stage = home
            await tenant.signed_in("olga")
            await tenant.signed_in("cleo")
            yield Platform(tenant, await tenant.user_id("olga"), await tenant.user_id("cleo"))


async def test_e10_an_operator_makes_operators_at_home(platform: Platform) -> None:
    olga, tenant = await platform.tenant.signed_in("olga"), platform.tenant
    assert (await give(olga, platform.cleo, OPERATOR)).json()["roles"] == [ADMIN, OPERATOR]
    await tenant.stage.assembly.live.look()
    cleo = await tenant.signed_in("cleo")
    assert (await cleo.api("GET", "/auth/session")).json()["roles"] == [ADMIN, OPERATOR]


async def test_e10_nobody_touches_who_is_above_them(platform: Platform) -> None:
    cleo, stage = await platform.tenant.signed_in("cleo"), platform.tenant.stage
    await stage.sql("update users set manual_roles = array[$2] where id = $1", platform.olga, OPERATOR)
    before = await stage.sql(ROW, platform.olga)
    path = f"/api/users/{platform.olga}"
    assert code_of(await give(cleo, platform.cleo, OPERATOR)) == (403, "role_not_grantable")
    assert code_of(await give(cleo, platform.olga)) == (403, "role_not_grantable")
    assert code_of(await give(cleo, platform.olga, MEMBER)) == (403, "role_not_grantable")
    for state in ("inactive", "active"):
        answer = await cleo.api("PATCH", path, json={"state": state, "confirm": True})
        assert code_of(answer) == (403, "not_permitted")
    (session,) = (await cleo.api("GET", f"{path}/sessions")).json()["data"]
    for end in ("", f"/{session['id']}"):
        assert code_of(await cleo.api("DELETE", f"{path}/sessions{end}")) == (403, "not_permitted")
    assert await stage.sql(ROW, platform.olga) == before
    assert len((await cleo.api("GET", f"{path}/sessions")).json()["data"]) == 1


async def test_e10_the_last_operator_is_an_administrator_too(platform: Platform) -> None:
    tenant = platform.tenant
    admin = await tenant.stage.platform_admin()
    await tenant.stage.sql("update users set mapped_role = $2 where id = $1", platform.cleo, MEMBER)
    answer = await admin.api("PATCH", f"/api/users/{platform.olga}", json={"state": "inactive"})
    assert code_of(answer) == (409, "person_is_last_administrator")
