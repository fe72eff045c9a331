"""Health over HTTP: who sees what, since when through restarts and in several processes, and what it costs."""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.db.driver import driver
from app.kit.registry import REGISTRY
from app.runtime import Runtime
from app.status import gauges, health, watching
from app.status.indicators import INDICATORS
from app.status.watching import Prober, configured
from tests.builders import Tenant, a_tenant
from tests.deliveries import connection_event
from tests.gateway import Browser, a_stage
from tests.logs import logged
from tests.processes import ROOT
from tests.status.conftest import Integration
from tests.threats.tenancy import fill

STATUS = "/api/integrations/workos/status"
OWN = [one.name for one in INDICATORS if one.own]


async def status(browser: Browser, **query: str) -> dict[str, Any]:
    answer = await browser.api("GET", STATUS, params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def by_name(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in found["indicators"]}


async def test_the_shape_is_the_contracts(integration: Integration, home: Tenant) -> None:
    found = await status(await home.signed_in())
    assert set(found) >= {"status", "checked_at", "indicators"}
    assert list(by_name(found)) == OWN
    for one in found["indicators"]:
        assert set(one) >= {"name", "status", "since", "evidence", "remedy"}
        assert one["status"] in {"ok", "warning", "failing", "unknown"}
        assert datetime.fromisoformat(one["since"]) <= datetime.fromisoformat(found["checked_at"])
        assert one["evidence"].endswith(".")
    everybodys = await status(await integration.stage.platform_admin())
    assert list(by_name(everybodys)) == [one.name for one in INDICATORS]
    assert everybodys["organization_id"] is None


async def test_a_tenant_is_told_of_its_own_only(integration: Integration, home: Tenant) -> None:
    other = await a_tenant(integration.stage)
    assert await integration.inbox.applied(connection_event(other, "connection.deactivated")) == ["done"]
    await integration.stage.sql(
        "insert into webhook_events (id, event_id, event, source, status, organization_id, received_at, done_at)"
        " values (gen_random_uuid(), 'event_dead', 'dsync.user.created', 'webhook', 'dead', $1, now(), now())",
        other.id,
    )
    ours, theirs = await status(await home.signed_in()), by_name(await integration.read(other))
    assert {name: one["status"] for name, one in theirs.items() if name in {"dead_events", "connection_states"}} == {
        "dead_events": "failing",
        "connection_states": "failing",
    }
    assert by_name(ours)["dead_events"]["status"] == by_name(ours)["connection_states"]["status"] == "ok"
    for word in (str(other.id), other.workos_id, other.domain, other.connection_workos_id, str(other.connection_id)):
        assert word not in str(ours)
    whole = by_name(await integration.read())
    assert "1 of 2" in whole["connection_states"]["evidence"]
    assert whole["connection_states"]["objects"][0]["organization_id"] == str(other.id)


async def test_a_platform_admin_may_ask_for_one_organization(integration: Integration, home: Tenant) -> None:
    admin, ada = await integration.stage.platform_admin(), await home.signed_in()
    own = await status(ada)
    for reference in (str(home.id), home.workos_id):
        found = await status(admin, organization=reference)
        assert {**found, "checked_at": None} == {**own, "checked_at": None}
        assert await status(ada, organization=reference) == {**found, "checked_at": found["checked_at"]}
    assert (await admin.api("GET", STATUS, params={"organization": "org_01NO"})).status_code == 404


async def test_since_outlives_a_restart_and_is_the_same_everywhere(integration: Integration, home: Tenant) -> None:
    stage = integration.stage
    first = by_name(await integration.read(home))
    stage.clock.advance(hours=1)
    await integration.inbox.applied(connection_event(home, "connection.deactivated"))
    broken = stage.clock.now()
    seen = by_name(await integration.read(home))["connection_states"]["since"]
    assert abs((datetime.fromisoformat(seen) - broken).total_seconds()) < 1
    stage.clock.advance(hours=3)
    async with a_stage(stage.config, stage.database, stage.twin, stage.clock) as other:
        browser = await other.platform_admin()
        again = by_name(await status(browser, organization=str(home.id)))
    assert again["connection_states"]["since"] == seen
    assert again["dead_events"]["since"] == first["dead_events"]["since"], "what has not changed has not begun anew"


async def test_trouble_counts_from_when_it_began_though_nobody_looked(integration: Integration, home: Tenant) -> None:
    await integration.settle()
    integration.stage.clock.advance(hours=1)
    await integration.inbox.deliver(connection_event(home, "connection.activated"))
    due = integration.stage.clock.now()
    integration.stage.clock.advance(hours=5)
    found = by_name(await integration.read(home))["oldest_pending_event"]
    assert found["status"] == "failing"
    assert abs((datetime.fromisoformat(found["since"]) - due).total_seconds() - 300) < 2


async def test_recovery_counts_from_when_the_worker_saw_it(integration: Integration, home: Tenant) -> None:
    await integration.inbox.deliver(connection_event(home, "connection.activated"))
    await integration.pass_time(hours=1)
    await integration.inbox.work_off()
    mended = integration.stage.clock.now()
    await integration.pass_time(seconds=15)
    await integration.pass_time(hours=2)
    for tenant in (home, None):
        (found,) = [
            one for one in (await integration.read(tenant))["indicators"] if one["name"] == "oldest_pending_event"
        ]
        assert found["status"] == "ok"
        assert 0 <= (datetime.fromisoformat(found["since"]) - mended).total_seconds() <= 16


async def test_every_change_is_one_line_of_log(integration: Integration, home: Tenant) -> None:
    await integration.settle()
    await integration.inbox.applied(connection_event(home, "connection.deactivated"))
    with logged() as log:
        await integration.pass_time(seconds=16)
        await integration.pass_time(seconds=16)
    told = [
        (line["organization_id"], line["status"])
        for line in log.of("status.indicator.changed")
        if line["indicator"] == "connection_states"
    ]
    nobody = str(units.PLATFORM)
    assert sorted(told) == sorted([(str(home.id), "failing"), (nobody, "failing")])


async def test_a_judgement_told_late_changes_nothing(integration: Integration, home: Tenant) -> None:
    runtime = integration.stage.assembly.runtime
    in_force = configured(runtime.config, runtime.in_force.now)
    begin = units.beginner(runtime)
    async with begin(home.id) as uow:
        slow = await health.of_one(uow, in_force, home.id)
    integration.stage.clock.advance(minutes=1)
    await integration.inbox.applied(connection_event(home, "connection.deactivated"))
    now = by_name(await integration.read(home))["connection_states"]
    async with begin(home.id) as uow:
        await health.keep(uow, slow)
    integration.stage.clock.advance(minutes=1)
    assert by_name(await integration.read(home))["connection_states"]["since"] == now["since"]


async def statements(runtime: Runtime, organization: UUID | None) -> list[str]:
    """Return the statements that an answer takes, a tenant's within its walls."""
    ran: list[str] = []
    async with units.beginner(runtime, unscoped=organization is None)(organization) as uow:
        (await driver(uow.driver)).add_query_logger(lambda record: ran.append(record.query))
        await health.of_one(uow, configured(runtime.config, runtime.in_force.now), organization)
        await asyncio.sleep(0)  # the driver tells of a statement a turn later
        return list(ran)


async def test_an_answer_takes_nine_statements_however_much_there_is(integration: Integration, home: Tenant) -> None:
    for _ in range(3):
        await fill(await a_tenant(integration.stage))
    await integration.stage.sql(
        "insert into connections (id, organization_id, workos_id, type, protocol, name, state, domains, created_at,"
        " updated_at, last_login_at) select gen_random_uuid(), $1, 'conn_many_' || n, 'OktaSAML', 'saml', 'Many',"
        " 'draft', '{}', now(), now(), now() from generate_series(1, 500) as n",
        home.id,
    )
    for organization, most in ((home.id, 9), (None, 8)):
        assert len(await statements(integration.stage.assembly.runtime, organization)) == most
    found = by_name(await integration.read(home))["connection_states"]
    assert found["evidence"].startswith("500 of 501: Many: its set-up is not complete (draft); people")
    assert len(found["objects"]) == 20


async def test_it_asks_nothing_of_workos(integration: Integration, home: Tenant) -> None:
    browser = await home.signed_in()
    admin = await integration.stage.platform_admin()
    integration.stage.twin.clear_hits()
    await integration.stage.twin.refuse_connections()
    for one in (browser, admin):
        await status(one)
    await integration.stage.twin.accept_connections()
    assert integration.stage.twin.hits() == []


async def test_the_worker_asks_every_30_seconds_and_no_more(integration: Integration) -> None:
    twin = integration.stage.twin
    await integration.pass_time(minutes=6)
    twin.clear_hits()
    for _ in range(24):
        await integration.pass_time(seconds=5)
    asked = [hit.path for hit in twin.hits()]
    assert asked == ["/organizations"] * 4
    await integration.pass_time(minutes=5)
    looked = {hit.path for hit in twin.hits()}
    assert looked == {"/organizations", "/sso/token", "/sso/authorize", "/webhook_endpoints"}


async def test_without_credentials_nothing_is_asked_and_that_is_said(integration: Integration) -> None:
    stage = integration.stage
    bare = stage.config.model_copy(update={"workos_api_key": None})
    async with (
        a_stage(bare, stage.database, stage.twin, stage.clock) as other,
        assembled(bare, stage.database, role="gw_worker", clock=stage.clock) as worker,
    ):
        stage.twin.clear_hits()
        await Prober(worker.runtime).step()
        assert stage.twin.hits() == []
        found = by_name(await status(await other.platform_admin()))["credentials"]
    assert (found["status"], found["evidence"]) == ("failing", "Missing: WORKOS_API_KEY.")


async def test_sightings_wait_for_a_database_that_is_away(integration: Integration) -> None:
    runtime = integration.stage.assembly.runtime
    runtime.sightings.badly("workos.api", "It was away.")
    first = runtime.sightings.last("workos.api")
    await integration.stage.sql("revoke insert, select, update on sightings from gw_app")
    with logged("warning") as log:
        await watching.tell(runtime)
    await integration.stage.sql("grant insert, select, update on sightings to gw_app")
    assert len(log.of("status.sightings.untold")) == 1
    integration.stage.clock.advance(seconds=5)
    runtime.sightings.badly("workos.api", "It is away.")
    await watching.tell(runtime)
    (row,) = await integration.stage.sql("select * from sightings where name = 'workos.api'")
    assert (row["bad_since"], row["times"], row["why"]) == (first, 2, "It is away.")


async def test_what_a_sign_in_meets_is_noticed(integration: Integration, home: Tenant) -> None:
    """The API's own calls tell as much as the worker's questions."""
    integration.stage.twin.add_fault("POST /sso/token", "status", status=500, times=1)
    browser, callback = await home.at_callback()
    assert (await browser.visit(callback)).status_code == 503
    await integration.told()
    assert by_name(await integration.read())["api_reachable"]["status"] == "warning"
    await home.signed_in()
    await integration.told()
    found = by_name(await integration.read())
    assert found["api_reachable"]["status"] == found["redirect_uri"]["status"] == "ok"


async def test_prometheus_reads_the_platforms_indicators(integration: Integration, home: Tenant) -> None:
    await integration.inbox.applied(connection_event(home, "connection.deactivated"))
    await integration.pass_time(minutes=6)
    for runtime in (integration.stage.assembly.runtime, integration.worker):
        await gauges.refresh(runtime)
        values = {
            one.name: REGISTRY.get_sample_value("gateway_integration_status", {"indicator": one.name})
            for one in INDICATORS
        }
        assert values["connection_states"] == 3
        assert values["credentials"] == 0
        assert values["last_webhook"] == 0
        since = REGISTRY.get_sample_value(
            "gateway_integration_status_since_seconds", {"indicator": "connection_states"}
        )
        assert since == pytest.approx(integration.stage.clock.now().timestamp() - 360, abs=20)


def test_every_indicator_is_told_of_in_the_docs() -> None:
    text = (ROOT / "docs" / "status.md").read_text()
    for one in INDICATORS:
        assert f"\n### `{one.name}`\n" in text
