"""D12, D13, D22: whatever the order of arrival, what is newest stays; what is gone stays gone."""

import itertools
import random  # noqa: TID251 -- seeded, so that a failure comes again

import pytest

from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox, connection_event, moment
from tests.directory_events import Home, Json, a_directory


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


ADMINS, STAFF = "MemberPulse Admins", "MemberPulse Staff"
# Whoever was out again before anybody heard of them never became anybody here: as good as deactivated.
MIRROR = """
select d.workos_id, d.state, case when d.state <> 'deleted' then d.first_name end,
       coalesce(u.state, 'deactivated'), coalesce(u.mapped_role, 'ROLE_MEMBER'), array(
    select g.name from directory_memberships m join directory_groups g on g.id = m.group_id
    where m.directory_user_id = d.id and m.member order by 1)
from directory_users d left join users u on u.id = d.user_id where d.organization_id = $1 order by 1
"""


def history(home: Home) -> list[Json]:
    """Return what happens to two groups and to people who come, change, move and go."""
    told = [home.group(ADMINS, 1), home.group(STAFF, 1), home.group(STAFF, 20, "updated")]
    for name, last in (("eve", "active"), ("bob", "inactive"), ("cyd", "deleted")):
        told += [
            home.user(name, 2),
            home.joined(name, ADMINS, 3),
            home.user(name, 4, "updated", first_name="Fourth"),
            home.joined(name, ADMINS, 5, "removed"),
            home.joined(name, STAFF, 6),
            home.user(name, 7, "updated", first_name="Seventh"),
            home.user(name, 9, "deleted")
            if last == "deleted"
            else home.user(name, 9, "updated", state=last, first_name="Ninth"),
        ]
    return told


async def mirrored(home: Home) -> list[tuple[object, ...]]:
    rows = await home.tenant.stage.sql(MIRROR, home.tenant.id)
    return [(row[0].rpartition("_")[2], *tuple(row)[1:]) for row in rows]


@pytest.mark.parametrize("seed", range(20))
async def test_d12_people_and_groups_end_alike_in_every_order(inbox: Inbox, seed: int) -> None:
    chance = random.Random(seed)
    home = await a_directory(inbox, await a_tenant(inbox.stage))
    events = history(home)
    arriving = events + chance.choices(events, k=8)
    chance.shuffle(arriving)
    for event in arriving:
        await inbox.deliver(event)
        if chance.random() < 0.3:
            await inbox.work_off()
    await inbox.work_off()
    assert await mirrored(home) == [
        ("bob", "inactive", "Ninth", "deactivated", "ROLE_MEMBER", [STAFF]),
        ("cyd", "deleted", None, "deactivated", "ROLE_MEMBER", []),
        ("eve", "active", "Ninth", "active", "ROLE_CLIENT_USER", [STAFF]),
    ]


async def test_d22_of_two_words_on_a_person_at_the_same_instant_one_wins_in_either_order(inbox: Inbox) -> None:
    for reverse in (False, True):
        home = await a_directory(inbox, await a_tenant(inbox.stage))
        told = [home.user("eve", 1, "updated", first_name=name) | {"id": f"event_{name}{home.id}"} for name in "AB"]
        for event in reversed(told) if reverse else told:
            await inbox.applied(event)
        assert (await home.somebody("eve"))["first_name"] == "B"
