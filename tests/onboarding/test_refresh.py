"""`flow.refresh`: the mirror follows WorkOS, what is gone is marked and not lost, and nothing changes by half."""

import asyncio
from typing import Any

import pytest

from app.onboarding import flow
from app.problems import Problem
from app.uow import SYSTEM
from app.workos.errors import UpstreamInvalidResponse
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage, introspect
from tests.sessions.test_processes import answer, within_a_second

TABLES = {
    "organization_domains": "id, workos_id, domain, state, created_at",
    "connections": "id, workos_id, type, protocol, name, state, domains, created_at",
    "directories": "id, workos_id, type, name, state, created_at",
}


async def refresh(tenant: Tenant) -> None:
    await flow.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)


async def mirror(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Return what is kept of the tenant's domains, connections and directories."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, columns in TABLES.items():
        rows = await tenant.stage.sql(
            f"select {columns} from {table} where organization_id = $1 order by id",  # noqa: S608 -- our own tables
            tenant.id,
        )
        found[table] = [dict(row) for row in rows]
    return found


async def states(tenant: Tenant, table: str) -> dict[str, str]:
    """Return state by name (of a domain: by domain)."""
    key = "domain" if table == "organization_domains" else "name"
    return {row[key]: row["state"] for row in (await mirror(tenant))[table]}


@pytest.fixture
async def full(stage: Stage) -> Tenant:
    """A tenant with two domains, two connections and two directories."""
    tenant = await a_tenant(stage)
    stage.twin.add_domain(tenant.workos_id, f"second.{tenant.domain}", state="pending")
    stage.twin.add_connection(tenant.workos_id, "Second", type="GenericOIDC", state="draft")
    for name in ("Staff", "Members"):
        stage.twin.add_directory(tenant.workos_id, name)
    await refresh(tenant)
    return tenant


async def test_a_listing_without_end_is_no_answer(full: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await mirror(full)
    monkeypatch.setattr(flow, "_PAGES", 0)
    with pytest.raises(UpstreamInvalidResponse):
        await refresh(full)
    assert await mirror(full) == before


async def test_what_is_new_appears(full: Tenant) -> None:
    found = await mirror(full)
    assert {row["domain"]: row["state"] for row in found["organization_domains"]} == {
        full.domain: "verified",
        f"second.{full.domain}": "pending",
    }
    assert [(row["name"], row["protocol"], row["state"]) for row in found["connections"][1:]] == [
        ("Second", "oidc", "draft")
    ]
    assert [(row["name"], row["type"], row["state"]) for row in found["directories"]] == [
        ("Staff", "generic scim v2.0", "linked"),
        ("Members", "generic scim v2.0", "linked"),
    ]


async def test_what_changed_is_changed_in_its_place(full: Tenant, stage: Stage) -> None:
    before = await mirror(full)
    twin = stage.twin
    twin.change_connection(full.connection_workos_id, name="Renamed", type="GenericOIDC", state="validating")
    directory = before["directories"][0]["workos_id"]
    twin.change_directory(directory, name="All staff", type="okta scim v2.0", state="invalid_credentials")
    twin.change_domain(f"second.{full.domain}", state="verified")
    await refresh(full)
    after = await mirror(full)
    before["connections"][0] |= {"name": "Renamed", "type": "GenericOIDC", "protocol": "oidc", "state": "validating"}
    before["directories"][0] |= {"name": "All staff", "type": "okta scim v2.0", "state": "invalid_credentials"}
    for row in before["organization_domains"]:
        row["state"] = "verified"
    assert after == before


async def test_what_a_complete_listing_no_longer_holds_is_marked(full: Tenant, stage: Stage) -> None:
    before = await mirror(full)
    stage.twin.remove_connection(full.connection_workos_id)
    stage.twin.remove_directory(before["directories"][1]["workos_id"])
    stage.twin.remove_domain(full.domain)
    await refresh(full)
    before["connections"][0]["state"] = "deleted"
    before["connections"][1]["domains"] = [f"second.{full.domain}"]
    before["directories"][1]["state"] = "deleted"
    del before["organization_domains"][0]
    assert await mirror(full) == before, "the rows stay: identities and sessions point at them"
    assert (await stage.browser().start(domain=full.domain)).json()["code"] == "organization_unknown"
    started = await stage.browser().start(connection=full.connection_workos_id)
    assert started.json()["code"] == "connection_inactive"


async def test_what_comes_back_is_the_same_row(full: Tenant, stage: Stage) -> None:
    before = await mirror(full)
    kept = stage.twin.world.connections.pop(full.connection_workos_id)
    await refresh(full)
    stage.twin.world.connections[kept.id] = kept
    await refresh(full)
    assert await mirror(full) == before


async def test_an_organization_that_lost_everything_has_nothing_active(full: Tenant, stage: Stage) -> None:
    for table, remove in (
        ("connections", stage.twin.remove_connection),
        ("directories", stage.twin.remove_directory),
        ("organization_domains", stage.twin.remove_domain),
    ):
        for row in (await mirror(full))[table]:
            remove(row["workos_id"])
    await refresh(full)
    assert set((await states(full, "connections")).values()) == {"deleted"}
    assert set((await states(full, "directories")).values()) == {"deleted"}
    assert await states(full, "organization_domains") == {}


async def test_doing_it_again_changes_nothing(full: Tenant) -> None:
    before = await mirror(full)
    for _ in range(2):
        await refresh(full)
    assert await mirror(full) == before


async def test_several_at_once_agree(full: Tenant) -> None:
    before = await mirror(full)
    await asyncio.gather(*(refresh(full) for _ in range(4)))
    assert await mirror(full) == before


@pytest.mark.parametrize("route", ["GET /organizations/{id}", "GET /connections", "GET /directories"])
@pytest.mark.parametrize("fault", ["html", "empty", "garbage", "redirect"])
async def test_a_broken_answer_changes_nothing(route: str, fault: str, full: Tenant, stage: Stage) -> None:
    """Threat E7: a listing that cannot be read is not an empty one."""
    before = await mirror(full)
    stage.twin.change_connection(full.connection_workos_id, name="Renamed")
    stage.twin.add_fault(route, fault)
    with pytest.raises(Problem):
        await refresh(full)
    assert await mirror(full) == before
    stage.twin.clear_faults()
    await refresh(full)
    assert (await mirror(full))["connections"][0]["name"] == "Renamed"


async def test_half_of_the_pages_are_not_all_of_them(full: Tenant, stage: Stage) -> None:
    for number in range(101):
        stage.twin.add_connection(full.workos_id, f"More {number}")
    await refresh(full)
    before = await mirror(full)
    assert len(before["connections"]) == 103
    stage.twin.add_fault("GET /connections", "json", body={"object": "list", "data": []}, after=1)
    with pytest.raises(Problem):
        await refresh(full)
    assert await mirror(full) == before


@pytest.mark.parametrize("end", ["inactive", "deleting", "removed"])
async def test_a_connection_that_ended_ends_the_use_of_its_sessions(end: str, stage: Stage) -> None:
    tenant = await a_tenant(stage, ada="MemberPulse Admins", sam="MemberPulse Staff")
    second = stage.twin.add_connection(tenant.workos_id, "Second")
    await refresh(tenant)
    ada, sam = await tenant.signed_in(), stage.browser()
    assert (await sam.sign_in(tenant.people["sam"], connection=second.id)).status_code == 303
    tokens = [await browser.access_token() for browser in (ada, sam)]
    assert [await answer(stage, token) for token in tokens] == [200, 200], "and now this process remembers them"
    if end == "removed":
        stage.twin.remove_connection(tenant.connection_workos_id)
    else:
        stage.twin.change_connection(tenant.connection_workos_id, state=end)
    await refresh(tenant)

    async def refused() -> bool:
        return [await answer(stage, token) for token in tokens] == [401, 200]

    await within_a_second(refused)
    assert [(await introspect(ada, token))["active"] for token in tokens] == [False, True]
    assert [(await browser.token()).status_code for browser in (ada, sam)] == [401, 200]


async def test_a_connection_that_is_being_set_up_again_keeps_them(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    ada = await tenant.signed_in()
    stage.twin.change_connection(tenant.connection_workos_id, state="validating")
    await refresh(tenant)
    assert (await ada.token()).status_code == 200
    assert (await stage.browser().start(connection=tenant.connection_workos_id)).status_code == 403


async def test_one_tenants_refresh_touches_no_other(full: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    before = await mirror(other)
    stage.twin.remove_connection(full.connection_workos_id)
    await refresh(full)
    assert await mirror(other) == before
