"""A10: an e-mail address is an attribute: it may change, and it may be recycled."""

import json

from tests.builders import Tenant
from tests.gateway import Stage


async def _changes(stage: Stage, tenant: Tenant) -> list[tuple[list[str], bool]]:
    rows = await stage.sql(
        "select targets, metadata from audit_events where organization_id = $1 and action = 'user.email_changed'",
        tenant.id,
    )
    return [
        ([target["id"] for target in json.loads(row["targets"])], json.loads(row["metadata"])["conflict"])
        for row in rows
    ]


async def _me(tenant: Tenant, name: str = "ada") -> dict[str, str]:
    user: dict[str, str] = (await (await tenant.signed_in(name)).api("GET", "/auth/session")).json()["user"]
    return user


async def test_a10_the_person_stays_and_the_address_follows(tenant: Tenant, stage: Stage) -> None:
    before = await _me(tenant)
    stage.twin.override_profile({"email": f"Ada.Byron@{tenant.domain}"}, connection=tenant.connection_workos_id)
    after = await _me(tenant)
    assert (after["id"], after["email"]) == (before["id"], f"Ada.Byron@{tenant.domain}")
    (row,) = await stage.sql("select email_lower from users where id = $1::uuid", before["id"])
    assert row["email_lower"] == f"ada.byron@{tenant.domain}"
    assert await _changes(stage, tenant) == [([before["id"]], False)]


async def test_a10_the_audit_row_holds_ids_and_no_address(tenant: Tenant, stage: Stage) -> None:
    await _me(tenant)
    stage.twin.override_profile({"email": f"canary@{tenant.domain}"}, connection=tenant.connection_workos_id)
    await _me(tenant)
    rows = await stage.sql("select audit_events::text as line from audit_events where organization_id = $1", tenant.id)
    assert not any("canary" in row["line"] for row in rows)


async def test_a10_somebody_elses_address_merges_nobody(tenant: Tenant, stage: Stage) -> None:
    ada, sam = await _me(tenant), await _me(tenant, "sam")
    stage.twin.override_profile({"email": tenant.people["sam"]}, connection=tenant.connection_workos_id)
    now = await _me(tenant)
    assert (now["id"], now["email"]) == (ada["id"], tenant.people["sam"])
    assert await _changes(stage, tenant) == [([ada["id"], sam["id"]], True)]
    assert (await _me(tenant, "sam"))["id"] == sam["id"]


async def test_a10_a_recycled_address_is_not_the_person_who_had_it(tenant: Tenant, stage: Stage) -> None:
    """Ada married; her old address goes to a newcomer, who must not become Ada."""
    ada = await _me(tenant)
    stage.twin.override_profile({"email": f"ada.king@{tenant.domain}"}, connection=tenant.connection_workos_id)
    assert (await _me(tenant))["id"] == ada["id"]
    stage.twin.override_profile(
        {"email": tenant.people["ada"], "idp_id": "newcomer"}, connection=tenant.connection_workos_id
    )
    assert (await _me(tenant))["id"] != ada["id"]


async def test_a10_other_capitals_are_no_change(tenant: Tenant, stage: Stage) -> None:
    await _me(tenant)
    stage.twin.override_profile({"email": tenant.people["ada"].title()}, connection=tenant.connection_workos_id)
    await _me(tenant)
    assert await _changes(stage, tenant) == []
