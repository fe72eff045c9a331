"""A5: the profile must be of the organization and the connection that the sign-in was started for."""

import pytest

from app.sso.errors import ConnectionMismatch
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage


async def _failures(stage: Stage, tenant: Tenant) -> list[str]:
    rows = await stage.sql(
        "select metadata->>'problem' as problem from audit_events where organization_id = $1"
        " and action = 'sso.login.failed'",
        tenant.id,
    )
    return [row["problem"] for row in rows]


@pytest.mark.parametrize("kept", ["nothing", "connection", "organization"])
async def test_a5_a_profile_of_another_tenant(tenant: Tenant, stage: Stage, kept: str) -> None:
    other = await a_tenant(stage)
    foreign = {"organization_id": other.workos_id, "connection_id": other.connection_workos_id}
    foreign.pop(f"{kept}_id", None)
    stage.twin.override_profile(foreign, connection=tenant.connection_workos_id)
    sessions, people = await stage.count("sessions"), await stage.count("users")
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, ConnectionMismatch.code)
    assert await _failures(stage, tenant) == ["connection_mismatch"]
    assert await _failures(stage, other) == []
    assert (await stage.count("sessions"), await stage.count("users")) == (sessions, people)
    assert browser.session_cookie is None


async def test_a5_another_connection_of_the_same_tenant(tenant: Tenant, stage: Stage) -> None:
    second = stage.twin.add_connection(tenant.workos_id, f"Second {tenant.domain}")
    await stage.sql(
        "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
        " updated_at) select gen_random_uuid(), organization_id, $2, type, protocol, name, state, domains, created_at,"
        " updated_at from connections where id = $1",
        tenant.connection_id,
        second.id,
    )
    stage.twin.override_profile({"connection_id": second.id}, connection=tenant.connection_workos_id)
    sessions = await stage.count("sessions")
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_mismatch")
    assert await _failures(stage, tenant) == ["connection_mismatch"]
    assert await stage.count("sessions") == sessions

    # A sign-in that named the organization only may end at either of its connections, and at no other.
    started = await browser.start(organization=str(tenant.id), login_hint=tenant.people["ada"])
    assert f"organization={tenant.workos_id}" in started.headers["location"]
    started.headers["location"] = started.headers["location"].replace(
        f"organization={tenant.workos_id}", f"connection={second.id}"
    )
    assert (await browser.visit(await browser.at_identity_provider(started))).status_code == 303


async def test_a5_the_restart_of_an_unsolicited_code_compares_too(tenant: Tenant, stage: Stage) -> None:
    other = await a_tenant(stage)
    stage.twin.override_profile({"organization_id": other.workos_id}, connection=tenant.connection_workos_id)
    url = stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"])
    answer = await stage.browser().visit(url)
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_mismatch")
