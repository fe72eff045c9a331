"""When certificates end: learnt from WorkOS, warned of at 30, 14, 7 and 1 days and at the end, once each."""

import asyncio
import json
from collections.abc import AsyncGenerator
from datetime import datetime, timedelta
from typing import Any

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.runtime import Runtime
from app.sso import certificate_flow
from app.uow import Begin
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, an_event, moment
from tests.gateway import Stage
from tests.logs import logged

WARNED = """
select action, metadata::text as metadata from audit_events
where organization_id = $1 and action like 'connection.certificate_%' order by occurred_at, id
"""


@pytest.fixture
async def worker(stage: Stage) -> AsyncGenerator[Runtime]:
    """A worker's runtime, of an account that has the connections API."""
    stage.twin.set_switches(connections_api=True)
    # Those of other tests have had their turn.
    await stage.sql("update connections set certificate_checked_at = $1", stage.clock.now())
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        yield assembly.runtime
    stage.twin.set_switches(connections_api=False)


async def asked(runtime: Runtime) -> bool:
    """Let the worker take one look; return whether any connection had its turn."""
    return await certificate_flow.check(runtime, units.beginner(runtime))


async def warned(tenant: Tenant, begin: Begin) -> list[tuple[str, int]]:
    """Let the worker warn, and return all warnings of the tenant so far: the action and the days."""
    async with begin(units.PLATFORM) as uow:
        await certificate_flow.warn(uow)
    rows = await tenant.stage.sql(WARNED, tenant.id)
    return [
        (row["action"].removeprefix("connection.certificate_"), json.loads(row["metadata"])["days"]) for row in rows
    ]


async def ends(tenant: Tenant, **changes: Any) -> datetime | None:  # noqa: ANN401 -- a timedelta's arguments
    """Set, when there are changes, and return when the connection's certificate ends."""
    if changes:
        at = tenant.stage.clock.now() + timedelta(**changes)
        await tenant.stage.sql(
            "update connections set certificate_expires_at = $2 where id = $1", tenant.connection_id, at
        )
    rows = await tenant.stage.sql("select certificate_expires_at from connections where id = $1", tenant.connection_id)
    found: datetime | None = rows[0]["certificate_expires_at"]
    return found


async def due(tenant: Tenant) -> None:
    """Let it be the connection's turn."""
    await tenant.stage.sql("update connections set certificate_checked_at = null where id = $1", tenant.connection_id)


async def test_the_last_certificate_that_workos_knows_counts(tenant: Tenant, worker: Runtime) -> None:
    twin, offset = tenant.stage.twin, tenant.stage.clock.now().timestamp() - tenant.stage.twin.world.now()
    for days in (20, 400, 90):
        twin.add_certificate(tenant.connection_workos_id, valid_days=days + offset / 86_400)
    await due(tenant)
    assert await asked(worker)
    found = await ends(tenant)
    assert found is not None
    assert abs(found - tenant.stage.clock.now() - timedelta(days=400)) < timedelta(minutes=5)


async def test_each_connection_has_its_turn_every_six_hours(tenant: Tenant, worker: Runtime) -> None:
    await due(tenant)
    twin, path = tenant.stage.twin, f"/connections/{tenant.connection_workos_id}/saml_idp_signing_certs"
    assert await asked(worker)
    assert not await asked(worker)
    assert len(twin.hits(path=path)) == 1
    tenant.stage.clock.advance(hours=6, minutes=1)
    assert await asked(worker)
    while await asked(worker):
        pass
    assert len(twin.hits(path=path)) == 2


async def test_where_workos_stumbles_it_is_asked_again_soon(tenant: Tenant, worker: Runtime) -> None:
    twin = tenant.stage.twin
    twin.add_certificate(tenant.connection_workos_id, valid_days=4_000)
    await due(tenant)
    twin.add_fault("GET /connections/{id}/saml_idp_signing_certs", "status", status=503)
    assert await asked(worker)
    assert await ends(tenant) is None
    twin.clear_faults()
    assert not await asked(worker)
    tenant.stage.clock.advance(minutes=11)
    while await asked(worker):
        pass
    assert await ends(tenant) is not None


async def test_an_account_without_the_api_learns_by_events_alone(tenant: Tenant, worker: Runtime, inbox: Inbox) -> None:
    tenant.stage.twin.set_switches(connections_api=False)
    await due(tenant)
    assert await asked(worker)
    assert await ends(tenant) is None
    data = {
        "connection": {"id": tenant.connection_workos_id, "organization_id": tenant.workos_id},
        "certificate": {
            "certificate_type": "ResponseSigning",
            "expiry_date": moment(tenant.stage, 6 * 86_400),
            "is_expired": False,
        },
        "days_until_expiry": 6,
    }
    await inbox.applied(an_event("connection.saml_certificate_renewal_required", data, created_at=moment(tenant.stage)))
    assert await ends(tenant) is not None
    assert await warned(tenant, inbox.begin) == [("expiring", 7)]


async def test_only_active_saml_connections_are_asked_for(stage: Stage, worker: Runtime) -> None:
    oidc, off = await a_tenant(stage, connection_type="GenericOIDC"), await a_tenant(stage)
    suspended = await a_tenant(stage)
    await stage.sql("update connections set state = 'inactive' where id = $1", off.connection_id)
    await stage.sql("update organizations set state = 'suspended' where id = $1", suspended.id)
    stage.twin.clear_hits()
    while await asked(worker):
        pass
    assert not [hit for hit in stage.twin.hits() if hit.path.endswith("saml_idp_signing_certs")]
    for tenant in (oidc, off, suspended):
        await ends(tenant, days=1)
        if tenant is not oidc:
            assert await warned(tenant, units.beginner(worker)) == []


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ({"days": 31}, []),
        ({"days": 29, "hours": 23}, [("expiring", 30)]),
        ({"days": 14}, [("expiring", 14)]),
        ({"days": 6}, [("expiring", 7)]),
        ({"hours": 23}, [("expiring", 1)]),
        ({"seconds": -1}, [("expired", 0)]),
        ({"days": -400}, [("expired", 0)]),
    ],
    ids=str,
)
async def test_the_nearest_threshold_is_told_once(
    left: dict[str, float], expected: list[tuple[str, int]], tenant: Tenant, running_worker: Begin
) -> None:
    await ends(tenant, **left)
    for _ in range(2):
        assert await warned(tenant, running_worker) == expected


async def test_time_passes_and_each_threshold_is_told_and_logged(tenant: Tenant, running_worker: Begin) -> None:
    at = await ends(tenant, days=40)
    assert at is not None
    with logged() as log:
        for _ in range(42):
            await warned(tenant, running_worker)
            tenant.stage.clock.advance(days=1)
    assert await warned(tenant, running_worker) == [
        ("expiring", 30), ("expiring", 14), ("expiring", 7), ("expiring", 1), ("expired", 0)
    ]  # fmt: skip
    mine = [line for line in log.of("sso.certificate.expiring") if line["connection_id"] == str(tenant.connection_id)]
    assert [line["days"] for line in mine] == [30, 14, 7, 1]
    assert {line["organization_id"] for line in mine} == {str(tenant.id)}
    gone = [line for line in log.of("sso.certificate.expired") if line["connection_id"] == str(tenant.connection_id)]
    assert [line["level"] for line in gone] == ["error"]


async def test_a_new_certificate_is_warned_of_anew(tenant: Tenant, running_worker: Begin) -> None:
    await ends(tenant, days=6)
    assert await warned(tenant, running_worker) == [("expiring", 7)]
    await ends(tenant, days=29)
    assert await warned(tenant, running_worker) == [("expiring", 7), ("expiring", 30)]


async def test_two_workers_warn_once(tenant: Tenant, running_worker: Begin) -> None:
    await ends(tenant, days=6)

    async def other() -> None:
        async with running_worker(units.PLATFORM) as second:
            await certificate_flow.warn(second)

    async with running_worker(units.PLATFORM) as first:
        await certificate_flow.warn(first)
        # It sees what the first one saw, and waits for the row that the first one has written.
        waiting = asyncio.create_task(other())
        await asyncio.sleep(0.2)
        assert not waiting.done()
    await waiting
    assert len(await tenant.stage.sql(WARNED, tenant.id)) == 1


async def test_a_connection_that_was_configured_has_its_turn_at_once(tenant: Tenant, worker: Runtime) -> None:
    await tenant.stage.sql(
        "update connections set certificate_checked_at = $2 where id = $1",
        tenant.connection_id,
        tenant.stage.clock.now(),
    )
    ada, stage = await tenant.signed_in(), tenant.stage
    workos: Any = stage.assembly.runtime.workos
    workos._in_force()[0]._connections._closed_until = float("-inf")
    url = f"{stage.twin.public_url}/idp/papers/metadata.xml?days=30000"
    path = f"/api/organizations/{tenant.id}/sso/configuration"
    answer = await ada.api("PUT", path, json={"metadata_url": url})
    assert answer.json()["outcome"] == "applied", answer.text
    assert await asked(worker)
