"""D15: a membership that arrives before its person and its group is applied once both are here."""

import itertools

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

STAFF = "MemberPulse Staff"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("at_once", [True, False])
async def test_d15_the_role_is_right_in_every_order(
    inbox: Inbox,
    tenant: Tenant,
    order: tuple[int, ...],
    at_once: bool,  # noqa: FBT001 -- pytest passes it
) -> None:
    home = await a_directory(inbox, tenant)
    told = [home.group(STAFF, 1), home.user("eve", 1), home.joined("eve", STAFF, 2)]
    for number in order:
        await inbox.deliver(told[number])
        if not at_once:
            await inbox.work_off()
    await inbox.work_off()
    assert [(await inbox.row(event["id"]))["status"] for event in told] == ["done"] * 3
    assert await home.role("eve") == "ROLE_CLIENT_USER"


async def test_d15_who_left_before_they_were_known_to_join_is_out(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    await inbox.applied(home.group(STAFF, 1), home.user("eve", 1))
    assert await inbox.applied(home.joined("eve", STAFF, 3, "removed"), home.joined("eve", STAFF, 2)) == [
        "done",
        "skipped",
    ]
    assert await home.role("eve") == "ROLE_MEMBER"
