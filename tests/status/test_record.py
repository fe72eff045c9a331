"""Alerts on the status page: each that is open, how grave it is, and to whom it is told."""

from typing import Any

import pytest

from app import uow as units
from app.audit import watching
from app.audit.alerts import MANY_CHANGES, WORDS
from tests.audit.test_alerts import happened
from tests.builders import Tenant, a_tenant
from tests.chain import seal_all
from tests.status.conftest import Integration


async def looked_through(integration: Integration) -> None:
    """Let the worker look through the record."""
    begin = units.beginner(integration.worker)
    await seal_all(begin)
    async with begin(units.PLATFORM) as uow:
        await watching.watch(uow)


@pytest.fixture(autouse=True)
async def begun(integration: Integration) -> None:
    """What was sealed before the worker looked for the first time is not looked through."""
    await looked_through(integration)


def kinds(indicator: dict[str, Any]) -> list[str]:
    return [one["name"] for one in indicator["objects"]]


async def test_what_is_usual_is_well(integration: Integration, home: Tenant) -> None:
    await looked_through(integration)
    found = await integration.indicator("alerts", home)
    assert (found["status"], found["remedy"], found["objects"]) == ("ok", None, [])


async def test_each_alert_says_since_when_how_often_and_what_to_do(integration: Integration, home: Tenant) -> None:
    await happened(home, "service_client.rotated")
    begun = integration.stage.clock.now()
    integration.stage.clock.advance(minutes=30)
    await happened(home, "service_client.rotated")
    integration.stage.clock.advance(minutes=5)
    await looked_through(integration)
    found = await integration.indicator("alerts", home)
    assert (found["status"], found["remedy"]) == ("warning", WORDS["secret_changed"].remedy)
    (alert,) = found["objects"]
    assert alert.keys() >= {"id", "name", "organization_id", "status", "since", "evidence", "remedy"}
    assert (alert["name"], alert["subject"]) == ("secret_changed", "service_client.rotated")
    assert alert["organization_id"] == str(home.id)
    assert alert["since"] == found["since"] == begun.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    said = "A secret or setting of the platform was changed (2 times, last 5 minutes ago)."
    assert alert["evidence"] == said
    assert found["evidence"] == f"1 of 1: {said}"


async def test_what_happened_once_says_only_when(integration: Integration, home: Tenant) -> None:
    await happened(home, "service_client.rotated")
    integration.stage.clock.advance(seconds=50)
    await looked_through(integration)
    (alert,) = (await integration.indicator("alerts", home))["objects"]
    assert alert["evidence"] == "A secret or setting of the platform was changed (50 seconds ago)."


async def test_what_cannot_wait_is_failing(integration: Integration, home: Tenant) -> None:
    await happened(home, "service_client.rotated")
    await happened(home, "user.deactivated", MANY_CHANGES)
    await looked_through(integration)
    found = await integration.indicator("alerts", home)
    assert (found["status"], kinds(found)) == ("failing", ["mass_change", "secret_changed"])
    assert (await integration.read(home))["status"] == "failing"
    integration.stage.clock.advance(hours=25)
    await looked_through(integration)
    assert (await integration.indicator("alerts", home))["status"] == "ok", "a day later it is over"


async def test_what_somebody_has_looked_at_is_well_until_it_happens_again(
    integration: Integration, home: Tenant
) -> None:
    await happened(home, "user.deactivated", MANY_CHANGES)
    await home.signed_in()
    operator = await integration.stage.platform_admin()
    await looked_through(integration)
    found = await integration.indicator("alerts", home)
    assert (found["status"], kinds(found)) == ("failing", ["mass_change", "new_administrator"])
    assert [one["subject_name"] for one in found["objects"]] == [None, "Ada Test"]
    for alert in found["objects"]:
        assert alert["acknowledged"] is None
        seen = await operator.api(
            "POST", f"/api/audit/alerts/{alert['id']}/acknowledge", json={"count": alert["count"]}
        )
        assert seen.status_code == 200, seen.text
    found = await integration.indicator("alerts", home)
    assert (found["status"], found["remedy"]) == ("ok", None)
    assert found["since"] == found["objects"][0]["since"] == found["objects"][0]["acknowledged"]["at"]
    assert found["evidence"] == "Somebody has looked at everything unusual that was noticed: 2."
    for alert in found["objects"]:
        assert (alert["status"], alert["remedy"]) == ("ok", None)
        assert alert["acknowledged"]["by"]["type"] == "user"
    await happened(home, "user.deactivated", MANY_CHANGES)
    await looked_through(integration)
    found = await integration.indicator("alerts", home)
    assert (found["status"], found["objects"][0]["acknowledged"]) == ("failing", None)
    assert [one["status"] for one in found["objects"]] == ["failing", "ok"]


async def test_a_tenant_is_told_of_its_own_alerts_only(integration: Integration, home: Tenant) -> None:
    other = await a_tenant(integration.stage)
    await happened(other, "user.deactivated", MANY_CHANGES)
    await integration.stage.platform_admin()  # by emergency access, of which the platform alone is told
    await looked_through(integration)
    browser = await home.signed_in()
    answer = await browser.api("GET", "/api/integrations/workos/status")
    (own,) = [one for one in answer.json()["indicators"] if one["name"] == "alerts"]
    assert (own["status"], own["objects"]) == ("ok", [])
    assert str(other.id) not in answer.text
    assert kinds(await integration.indicator("alerts", other)) == ["mass_change"]
    assert set(kinds(await integration.indicator("alerts"))) >= {"mass_change", "break_glass_used"}
