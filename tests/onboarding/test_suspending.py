"""A suspended tenant lets nobody in and refuses everybody inside within a second; resumed, their sessions go on."""

from collections.abc import AsyncGenerator

import pytest

from app.sessions import service as sessions
from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage, introspect
from tests.sessions.stages import beside
from tests.sessions.test_processes import answer, within_a_second


@pytest.fixture
async def other(stage: Stage) -> AsyncGenerator[Stage]:
    """A second process over the same database."""
    async with beside(stage) as found:
        yield found


async def become(stage: Stage, tenant: Tenant, state: str) -> None:
    """Let an operator suspend or resume a tenant."""
    operator = await stage.platform_admin()
    changed = await operator.api("PATCH", f"/api/organizations/{tenant.id}", json={"state": state})
    assert (changed.status_code, changed.json()["state"]) == (200, state)


async def signed_in(tenant: Tenant) -> list[tuple[Browser, str]]:
    """Return everybody of a tenant with a token."""
    browsers = [await tenant.signed_in(name) for name in tenant.people]
    return [(browser, await browser.access_token()) for browser in browsers]


async def test_everybody_is_refused_within_a_second_in_every_process(
    tenant: Tenant, stage: Stage, other: Stage
) -> None:
    everybody = await signed_in(tenant)
    bystander = await (await (await a_tenant(stage)).signed_in()).access_token()
    for gateway in (stage, other):
        assert [await answer(gateway, token) for _, token in everybody] == [200, 200, 200]
    await become(stage, tenant, "suspended")
    for _, token in everybody:
        assert await introspect(other.browser(), token) == {"active": False}, "at once"

    async def refused() -> bool:
        said = [await answer(gateway, token) for gateway in (stage, other) for _, token in everybody]
        return said == [401] * 6

    await within_a_second(refused)
    for browser, _ in everybody:
        assert (await browser.token()).status_code == 401, "nor is a new token given"
    assert [await answer(gateway, bystander) for gateway in (stage, other)] == [200, 200]


async def test_resumed_their_sessions_live_again(tenant: Tenant, stage: Stage, other: Stage) -> None:
    everybody = await signed_in(tenant)
    await become(stage, tenant, "suspended")
    await other.assembly.live.look()
    await become(other, tenant, "active")

    async def alive() -> bool:
        return {await answer(gateway, token) for gateway in (stage, other) for _, token in everybody} == {200}

    await within_a_second(alive)
    for browser, _ in everybody:
        assert (await browser.token()).status_code == 200
    ended = await stage.sql(
        "select count(ended_at) as n from sessions where organization_id = $1",
        tenant.id,
    )
    assert ended[0]["n"] == 0


async def test_what_ended_meanwhile_stays_ended(tenant: Tenant, stage: Stage) -> None:
    (ada, _), (sam, _), _ = await signed_in(tenant)
    await become(stage, tenant, "suspended")
    (row,) = await stage.sql("select id from sessions where user_id = $1", await tenant.user_id("sam"))
    async with stage.unit(tenant.id) as uow:
        assert len(await sessions.end(uow, [row["id"]], "test")) == 1
    await become(stage, tenant, "active")
    assert [(await browser.token()).status_code for browser in (ada, sam)] == [200, 401]


@pytest.mark.parametrize("selector", ["organization", "connection", "domain", "email"])
async def test_no_sign_in_begins(selector: str, tenant: Tenant, stage: Stage) -> None:
    value = {
        "organization": tenant.workos_id,
        "connection": tenant.connection_workos_id,
        "domain": tenant.domain,
        "email": tenant.people["ada"],
    }[selector]
    await become(stage, tenant, "suspended")
    flows = await stage.count("login_flows")
    refused = await stage.browser().start(**{selector: value})
    assert (refused.status_code, refused.json()["code"]) == (403, "organization_suspended")
    assert await stage.count("login_flows") == flows
    await become(stage, tenant, "active")
    assert (await stage.browser().start(**{selector: value})).status_code == 302


async def test_a_sign_in_that_had_begun_does_not_end_well(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    await become(stage, tenant, "suspended")
    refused = await browser.visit(callback)
    assert (refused.status_code, refused.json()["code"]) == (403, "organization_suspended")
    assert browser.session_cookie is None
    rows = await stage.sql("select 1 from sessions where organization_id = $1", tenant.id)
    assert rows == []


async def test_discovery_does_not_offer_it(tenant: Tenant, stage: Stage) -> None:
    await become(stage, tenant, "suspended")
    found = await stage.browser().http.post("/auth/discover", json={"email": tenant.people["ada"]})
    assert found.json() == {"organization": None, "sso": "none", "start": None}


async def test_an_operator_still_reads_it(tenant: Tenant, stage: Stage) -> None:
    await become(stage, tenant, "suspended")
    operator = await stage.platform_admin()
    assert (await operator.api("GET", f"/api/organizations/{tenant.workos_id}")).json()["state"] == "suspended"
    found = await operator.api("GET", "/api/auth/sso/connections", params={"organization": str(tenant.id)})
    assert [row["workos_id"] for row in found.json()["data"]] == [tenant.connection_workos_id]
