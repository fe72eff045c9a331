"""Alerts: the unusual is told once, counted while it goes on, and closed when it is over."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app import uow as units
from app.audit import alerts, watching
from app.audit import service as audit
from app.audit.following_repository import behind
from app.audit.watching import OpenAlert
from app.bootstrap import assembled
from app.uow import Actor, Begin
from tests.builders import Tenant, a_tenant
from tests.chain import seal_all
from tests.gateway import Stage
from tests.logs import logged


@pytest.fixture
async def worker(stage: Stage) -> AsyncGenerator[Begin]:
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        begin = units.beginner(assembly.runtime)
        await watched(begin)  # what other tests did before
        yield begin


async def watched(worker: Begin) -> None:
    """Seal and look through all there is."""
    await seal_all(worker)
    waiting = True
    while waiting:
        async with worker(units.PLATFORM) as uow:
            await watching.watch(uow)
        async with worker(units.PLATFORM) as uow:
            waiting = bool(await behind(uow, watching.READER, most=1))


async def opened(worker: Begin, tenant: Tenant) -> dict[str, OpenAlert]:
    """Look, and return the tenant's open alerts by kind."""
    await watched(worker)
    async with worker(tenant.id) as uow:
        return {alert.kind: alert for alert in await watching.list_open(uow)}


async def happened(tenant: Tenant, action: str, times: int = 1, *, ip: str | None = None, **metadata: Any) -> None:  # noqa: ANN401 -- JSON
    async with units.beginner(tenant.stage.assembly.runtime, actor=Actor("user", "u1", ip=ip))(tenant.id) as uow:
        for _ in range(times):
            await audit.record(uow, action, targets=[("user", "u2")], **metadata)


async def test_what_is_usual_is_none(tenant: Tenant, worker: Begin) -> None:
    for name in ("sam", "mia"):
        await tenant.signed_in(name)
    await happened(tenant, alerts.FAILED, alerts.FAILURES_OF_ONE_ADDRESS - 1, ip="198.51.100.9")
    await happened(tenant, "user.deactivated", alerts.MANY_CHANGES - 1)
    await happened(tenant, "user.role_changed", role="ROLE_CLIENT_USER", before="ROLE_MEMBER")
    assert set(await opened(worker, tenant)) == {"mass_change"}, "twenty with the changed role"


async def test_a_burst_from_one_address_is_told_once_and_counted(tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, alerts.FAILED, alerts.FAILURES_OF_ONE_ADDRESS, ip="198.51.100.9")
    with logged() as log:
        found = await opened(worker, tenant)
    assert set(found) == {"failed_sign_ins_from_address"}
    assert found["failed_sign_ins_from_address"].count == alerts.FAILURES_OF_ONE_ADDRESS
    assert found["failed_sign_ins_from_address"].evidence["address"] == "198.51.100.9"
    assert found["failed_sign_ins_from_address"].remedy
    assert [line["organization_id"] for line in log.of("audit.alert.raised")] == [str(tenant.id)]
    await happened(tenant, alerts.FAILED, 15, ip="198.51.100.9")
    with logged() as log:
        found = await opened(worker, tenant)
    assert found["failed_sign_ins_from_address"].count == alerts.FAILURES_OF_ONE_ADDRESS + 15
    assert [line["kind"] for line in log.of("audit.alert.raised")] == ["failed_sign_ins"], "of all addresses it is new"


async def test_slow_failures_are_no_burst(tenant: Tenant, worker: Begin) -> None:
    for _ in range(3):
        await happened(tenant, alerts.FAILED, 8, ip="198.51.100.9")
        assert await opened(worker, tenant) == {}
        tenant.stage.clock.advance(minutes=6)


async def test_a_burst_that_no_worker_was_there_to_see_is_told_all_the_same(tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, alerts.FAILED, alerts.FAILURES_OF_ALL, ip="198.51.100.9")
    await happened(tenant, "user.deactivated", alerts.MANY_CHANGES)
    tenant.stage.clock.advance(hours=1)
    await happened(tenant, alerts.FAILED, ip="198.51.100.9")
    await happened(tenant, "user.deactivated")
    found = await opened(worker, tenant)
    assert {kind: alert.count for kind, alert in found.items()} == {
        "failed_sign_ins": alerts.FAILURES_OF_ALL,
        "failed_sign_ins_from_address": alerts.FAILURES_OF_ALL,
        "mass_change": alerts.MANY_CHANGES,
    }


@pytest.mark.parametrize(
    ("action", "told"),
    [
        ("user.role_changed", {"role": "ROLE_CLIENT_ADMIN", "before": "ROLE_MEMBER"}),
        ("user.manual_roles_changed", {"roles": ["ROLE_CLIENT_ADMIN"], "before": []}),
        ("user.provisioned", {"role": "ROLE_CLIENT_ADMIN"}),
    ],
)
async def test_a_new_administrator_is_told(action: str, told: dict[str, Any], tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, action, **told)
    assert (await opened(worker, tenant))["new_administrator"].evidence["user_id"] == "u2"


async def test_whose_first_sign_in_makes_them_one_too(tenant: Tenant, worker: Begin) -> None:
    await tenant.signed_in("ada")
    assert (await opened(worker, tenant))["new_administrator"].evidence["user_id"] == str(await tenant.user_id())


async def test_a_mass_change_is_told(tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, "user.deactivated", 12)
    await happened(tenant, "user.role_changed", 8, role="ROLE_MEMBER", before="ROLE_CLIENT_USER")
    assert (await opened(worker, tenant))["mass_change"].count == alerts.MANY_CHANGES


@pytest.mark.parametrize("action", ["settings.changed", "settings.secret_rotated", "service_client.rotated"])
async def test_a_changed_secret_is_told(action: str, tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, action)
    await happened(tenant, action)
    found = await opened(worker, tenant)
    assert found["secret_changed"].count == 2


async def test_used_emergency_access_is_told_to_the_platform(stage: Stage, tenant: Tenant, worker: Begin) -> None:
    await stage.platform_admin()
    await watched(worker)
    async with units.beginner(stage.assembly.runtime, unscoped=True)() as uow:
        found = await watching.list_open(uow, units.PLATFORM)
    assert "break_glass_used" in {alert.kind for alert in found}
    assert await opened(worker, tenant) == {}


async def test_a_tenant_sees_its_own(stage: Stage, tenant: Tenant, worker: Begin) -> None:
    other = await a_tenant(stage)
    await happened(other, "user.deactivated", 20)
    assert await opened(worker, tenant) == {}
    assert set(await opened(worker, other)) == {"mass_change"}


async def test_a_day_later_it_is_over_and_may_come_again(tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, "user.deactivated", 20)
    first = (await opened(worker, tenant))["mass_change"]
    tenant.stage.clock.advance(hours=23)
    assert set(await opened(worker, tenant)) == {"mass_change"}
    tenant.stage.clock.advance(hours=2)
    assert await opened(worker, tenant) == {}
    await happened(tenant, "user.deactivated", 20)
    again = (await opened(worker, tenant))["mass_change"]
    assert again.id != first.id
    assert again.since > first.since + timedelta(hours=24)


def _acknowledged(alert: OpenAlert) -> str:
    return f"/api/audit/alerts/{alert.id}/acknowledge"


async def test_who_has_looked_at_it_is_kept_until_it_happens_again(tenant: Tenant, worker: Begin) -> None:
    await tenant.signed_in()
    operator = await tenant.stage.platform_admin()
    who = (await operator.api("GET", "/auth/session")).json()["user"]["id"]
    alert = (await opened(worker, tenant))["new_administrator"]
    answer = await operator.api("POST", _acknowledged(alert), json={"count": 1})
    assert answer.status_code == 200, answer.text
    at = answer.json()["acknowledged"]["at"]
    assert answer.json()["acknowledged"]["by"]["id"] == who
    told = "select targets::text from audit_events where organization_id = $1 and action = 'alert.acknowledged'"
    tenant.stage.clock.advance(minutes=1)
    again = await operator.api("POST", _acknowledged(alert), json={"count": 1})
    assert again.json()["acknowledged"]["at"] == at, "who came first stays"
    assert [str(alert.id) in row["targets"] for row in await tenant.stage.sql(told, tenant.id)] == [True]
    seen = (await opened(worker, tenant))["new_administrator"]
    assert (str(seen.acknowledged_by), seen.subject_name) == (who, "Ada Test")


async def test_an_alert_that_happens_again_is_looked_at_again(tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, "user.provisioned", role="ROLE_CLIENT_ADMIN")
    alert = (await opened(worker, tenant))["new_administrator"]
    operator = await tenant.stage.platform_admin()
    assert (await operator.api("POST", _acknowledged(alert), json={"count": 1})).status_code == 200
    await happened(tenant, "user.provisioned", role="ROLE_CLIENT_ADMIN")
    async with worker(tenant.id) as uow:
        assert [one.acknowledged_at is None for one in await watching.list_open(uow) if one.id == alert.id] == [False]
    await watched(worker)
    async with worker(tenant.id) as uow:
        (again,) = [one for one in await watching.list_open(uow) if one.id == alert.id]
    assert (again.count, again.acknowledged_at, again.acknowledged_by) == (2, None, None)
    unseen = await operator.api("POST", _acknowledged(alert), json={"count": 1})
    assert (unseen.status_code, unseen.json()["code"]) == (409, "alert_happened_again"), "a page of before it"
    assert (await operator.api("POST", _acknowledged(alert), json={"count": 2})).status_code == 200


async def test_an_alert_that_is_over_is_not_acknowledged_any_more(tenant: Tenant, worker: Begin) -> None:
    await happened(tenant, "user.deactivated", 20)
    alert = (await opened(worker, tenant))["mass_change"]
    tenant.stage.clock.advance(hours=25)
    assert await opened(worker, tenant) == {}
    operator = await tenant.stage.platform_admin()
    answer = await operator.api("POST", _acknowledged(alert), json={"count": 99})
    assert (answer.status_code, answer.json()["acknowledged"]) == (200, None)


async def test_nobody_puts_away_what_is_about_themselves(tenant: Tenant, worker: Begin) -> None:
    ada = await tenant.signed_in()
    alert = (await opened(worker, tenant))["new_administrator"]
    assert (await ada.api("POST", _acknowledged(alert), json={"count": 1})).status_code == 403, "a customer's never"
    operator = await tenant.stage.platform_admin()
    who = (await operator.api("GET", "/auth/session")).json()["user"]["id"]
    about_them = "update alerts set subject = $2 where id = $1"
    await tenant.stage.sql(about_them, alert.id, who)
    refused = await operator.api("POST", _acknowledged(alert), json={"count": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_alert")
    await tenant.stage.sql(about_them, alert.id, "somebody else")
    made_by_them = "update audit_events set actor_id = $2 where id = $1"
    await tenant.stage.sql(made_by_them, UUID(alert.evidence["event_id"]), who)
    refused = await operator.api("POST", _acknowledged(alert), json={"count": 1})
    assert (refused.status_code, refused.json()["code"]) == (403, "own_alert")


def test_every_kind_has_its_words() -> None:
    for words in alerts.WORDS.values():
        assert words.title.endswith(".")
        assert words.remedy.endswith(".")
