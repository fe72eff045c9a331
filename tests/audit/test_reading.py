"""GET /api/audit/events: what was done, by whom, as they are called today; of one tenant, by time."""

from datetime import timedelta
from typing import Any

import pytest

from tests.builders import Tenant, a_tenant
from tests.gateway import Browser, Stage

PATH = "/api/audit/events"


async def listed(browser: Browser, **query: str) -> list[dict[str, Any]]:
    """Return a page of events."""
    answer = await browser.api("GET", PATH, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def recorded(tenant: Tenant, count: int) -> None:
    """Write so many events, two in each instant, the newest an hour ago."""
    at = tenant.stage.clock.now() - timedelta(hours=1)
    for number in range(count):
        await tenant.stage.sql(
            "insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets,"
            " metadata) values (gen_random_uuid(), $1, $2, $3, 'system', 'gateway', $4, '{}')",
            tenant.id,
            f"test.{number}",
            at - timedelta(seconds=number // 2),
            f'[{{"type": "thing", "id": "t{number}"}}]',
        )


async def test_a_sign_in_is_told_with_who_and_from_where(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    (event,) = await listed(ada, action="sso.login.completed")
    user = str(await tenant.user_id())
    assert event["object"] == "audit_event"
    assert event["organization_id"] == str(tenant.id)
    assert event["actor"] == {"type": "user", "id": user, "name": tenant.people["ada"]}
    assert event["context"]["ip"]
    assert event["context"]["request_id"]
    (connection,) = await tenant.stage.sql("select name from connections where id = $1", tenant.connection_id)
    assert {target["type"]: target["name"] for target in event["targets"]} == {
        "session": None,
        "connection": connection["name"],
    }
    assert await listed(ada, actor=user, action="sso.login.completed") == [event]
    assert await listed(ada, actor="somebody") == []


@pytest.mark.parametrize("order", ["desc", "asc"])
async def test_pages_go_on_by_time_also_within_one_instant(tenant: Tenant, order: str) -> None:
    await recorded(tenant, 11)
    ada = await tenant.signed_in()
    until = (tenant.stage.clock.now() - timedelta(minutes=30)).isoformat()
    whole = await listed(ada, until=until, limit="100", order=order)
    seen: list[dict[str, Any]] = []
    after = ""
    while True:
        query = {"until": until, "limit": "3", "order": order} | ({"after": after} if after else {})
        page = (await ada.api("GET", PATH, params=query)).json()
        seen += page["data"]
        after = page["list_metadata"]["after"]
        if not after:
            break
    assert seen == whole
    assert len({event["id"] for event in seen}) == 11
    instants = [event["occurred_at"] for event in seen]
    assert instants == sorted(instants, reverse=order == "desc")
    back = {"until": until, "limit": "3", "order": order, "before": page["list_metadata"]["before"]}
    assert (await ada.api("GET", PATH, params=back)).json()["data"] == whole[
        -len(page["data"]) - 3 : -len(page["data"])
    ]


async def test_it_is_filtered_by_target_and_time(tenant: Tenant) -> None:
    await recorded(tenant, 4)
    ada = await tenant.signed_in()
    (event,) = await listed(ada, target="t2")
    assert event["action"] == "test.2"
    assert event["targets"] == [{"type": "thing", "id": "t2", "name": None}]
    since = event["occurred_at"]
    assert {one["action"] for one in await listed(ada, since=since)} >= {"test.0", "test.1", "test.2", "test.3"}
    assert "test.2" not in {one["action"] for one in await listed(ada, until=since)}
    assert await listed(ada, target="") == []
    for odd in ({"since": "0001-01-01T00:00:00+14:00"}, {"until": "9999-12-31T23:59:59-14:00"}):
        assert (await ada.api("GET", PATH, params=odd)).status_code == 422
    for odd in ({"since": "yesterday"}, {"since": "2026-01-01T00:00:00"}, {"after": "x"}):
        assert (await ada.api("GET", PATH, params=odd)).status_code == 422


async def test_who_is_erased_has_no_name(tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    await tenant.signed_in("sam")
    sam = await tenant.user_id("sam")
    await tenant.stage.sql("update users set email = null, first_name = null, last_name = null where id = $1", sam)
    (event,) = await listed(ada, actor=str(sam), action="sso.login.completed")
    assert event["actor"]["name"] is None


async def test_a_tenant_reads_its_own_and_the_platform_all(stage: Stage, tenant: Tenant) -> None:
    other = await a_tenant(stage)
    await recorded(other, 1)
    ada = await tenant.signed_in()
    assert await listed(ada, action="test.0") == []
    operator = await stage.platform_admin()
    found = await listed(operator, action="test.0", organization=other.workos_id)
    assert [event["organization_id"] for event in found] == [str(other.id)]
    own = await listed(operator, action="break_glass.used")
    assert own, "what the platform does itself"
    for name in ("sam", "mia"):
        assert (await (await tenant.signed_in(name)).api("GET", PATH)).status_code == 403
