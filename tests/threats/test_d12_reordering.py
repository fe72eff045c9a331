"""D12, D13, D22: whatever the order of arrival, what is newest stays; what is gone stays gone."""

import itertools
import random  # noqa: TID251 -- seeded, so that a failure comes again

import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, connection_event, moment


async def state_of(tenant: Tenant) -> str:
    ((state,),) = await tenant.stage.sql("select state from connections where id = $1", tenant.connection_id)
    return str(state)


@pytest.mark.parametrize("seed", range(20))
async def test_d12_every_order_with_duplicates_ends_alike(inbox: Inbox, seed: int) -> None:
    chance = random.Random(seed)
    tenants = [await a_tenant(inbox.stage) for _ in range(2)]
    events = [
        connection_event(
            tenant,
            "connection.activated" if minute % 2 == (number % 2) else "connection.deactivated",
            at=moment(inbox.stage, minute * 10),
            name=f"As of {minute}",
        )
        for number, tenant in enumerate(tenants)
        for minute in range(6)
    ]
    arriving = events + chance.choices(events, k=6)
    chance.shuffle(arriving)
    for event in arriving:
        assert (await inbox.deliver(event)).status_code == 200
    await inbox.work_off()
    assert [await state_of(tenant) for tenant in tenants] == ["inactive", "active"]
    for tenant in tenants:
        ((name,),) = await inbox.stage.sql("select name from connections where id = $1", tenant.connection_id)
        assert name == "As of 5"


async def test_d13_what_was_deleted_is_not_brought_back_by_what_was_said_before(inbox: Inbox, tenant: Tenant) -> None:
    gone = connection_event(tenant, "connection.deleted", at=moment(inbox.stage, 5))
    late = connection_event(tenant, "connection.activated", at=moment(inbox.stage, 4.9))
    assert await inbox.applied(gone, late) == ["done", "skipped"]
    assert await state_of(tenant) == "deleted"
    newer = connection_event(tenant, "connection.activated", at=moment(inbox.stage, 5.1))
    assert await inbox.applied(newer) == ["done"]
    assert await state_of(tenant) == "active"


async def test_d22_of_two_at_the_same_instant_one_wins_in_either_order(inbox: Inbox) -> None:
    found: set[str] = set()
    for reverse, number in itertools.product((False, True), range(2)):
        tenant = await a_tenant(inbox.stage)
        at = moment(inbox.stage)
        one = connection_event(tenant, "connection.activated", at=at, name="one") | {
            "id": f"event_A_{reverse}_{number}"
        }
        two = connection_event(tenant, "connection.activated", at=at, name="two") | {
            "id": f"event_B_{reverse}_{number}"
        }
        for event in (two, one) if reverse else (one, two):
            await inbox.applied(event)
        ((name,),) = await inbox.stage.sql("select name from connections where id = $1", tenant.connection_id)
        found.add(name)
    assert found == {"two"}
