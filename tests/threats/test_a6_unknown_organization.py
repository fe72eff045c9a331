"""A6: nobody signs in to an organization that we do not know, and none is made for them."""

import pytest

from tests.builders import Tenant
from tests.gateway import Stage


@pytest.mark.parametrize("organization", [None, "", "org_unknown", "00000000-0000-0000-0000-000000000000"])
async def test_a6_a_profile_without_a_known_organization(
    tenant: Tenant, stage: Stage, organization: str | None
) -> None:
    stage.twin.override_profile({"organization_id": organization}, connection=tenant.connection_workos_id)
    before = [await stage.count(table) for table in ("organizations", "users", "identities", "sessions")]
    browser, callback = await tenant.at_callback()
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_mismatch")
    assert [await stage.count(table) for table in ("organizations", "users", "identities", "sessions")] == before


@pytest.mark.parametrize("organization", [None, "org_unknown"])
async def test_a6_nor_without_a_state(tenant: Tenant, stage: Stage, organization: str | None) -> None:
    await tenant.policy(allow_idp_initiated=True)
    stage.twin.override_profile({"organization_id": organization}, connection=tenant.connection_workos_id)
    before = await stage.count("organizations")
    answer = await stage.browser().visit(stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_mismatch")
    assert await stage.count("organizations") == before


async def test_a6_a_connection_that_we_never_heard_of(tenant: Tenant, stage: Stage) -> None:
    stage.twin.override_profile({"connection_id": "conn_unheard_of"}, connection=tenant.connection_workos_id)
    answer = await stage.browser().visit(stage.twin.idp_initiated(tenant.connection_workos_id, tenant.people["ada"]))
    assert (answer.status_code, answer.json()["code"]) == (403, "connection_mismatch")


async def test_a6_a_suspended_organization(tenant: Tenant, stage: Stage) -> None:
    browser, callback = await tenant.at_callback()
    await stage.sql("update organizations set state = 'suspended' where id = $1", tenant.id)
    sessions = await stage.count("sessions")
    answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (403, "organization_suspended")
    assert await stage.count("sessions") == sessions
    refused = await browser.start(connection=tenant.connection_workos_id)
    assert (refused.status_code, refused.json()["code"]) == (403, "organization_suspended")


@pytest.mark.parametrize("kind", ["organization", "connection", "domain", "email"])
async def test_a6_an_unknown_selector(stage: Stage, kind: str) -> None:
    value = {"domain": "nobody.example", "email": "ada@nobody.example"}.get(kind, "org_or_conn_unknown")
    answer = await stage.browser().start(**{kind: value})
    assert (answer.status_code, answer.json()["code"]) == (404, "organization_unknown")


async def test_a6_the_platforms_own_nil_organization_is_no_tenant(stage: Stage) -> None:
    answer = await stage.browser().start(organization="00000000-0000-0000-0000-000000000000")
    assert (answer.status_code, answer.json()["code"]) == (404, "organization_unknown")
