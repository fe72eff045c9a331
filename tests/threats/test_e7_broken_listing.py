"""E7: an answer that is no whole listing deactivates nobody; the run says that it failed."""

from typing import Any

import pytest

from tests.syncs import Directory, hired


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "html"},
        {"kind": "status", "status": 204},
        {"kind": "status", "status": 302},
        {"kind": "status", "status": 500},
        {"kind": "json", "body": {"object": "list", "data": None}},
        {"kind": "half_page"},
    ],
    ids=str,
)
async def test_e7_a_broken_answer_takes_access_from_nobody(directory: Directory, order: dict[str, Any]) -> None:
    """Threats E7: a page that is none ends the run as failed; nobody is deactivated."""
    await hired(directory, 3)
    await directory.work_off()
    directory.twin.add_fault("GET /directory_users", **order)
    run = await directory.synced()
    for _ in range(6):
        directory.tenant.stage.clock.advance(seconds=600)
        await directory.work_off()
    run = await directory.run(run["id"])
    assert run["status"] == "failed"
    assert run["error"]
    told = "select 1 from audit_events where organization_id = $1 and action = 'directory.sync_failed'"
    assert len(await directory.tenant.stage.sql(told, directory.tenant.id)) == 1
    assert all(state == "active" for state, _, _ in (await directory.people()).values())


async def test_e7_a_group_that_one_listing_lacked_gives_its_role_again(directory: Directory) -> None:
    await hired(directory, 5)
    await directory.work_off()
    before = await directory.people()
    directory.twin.add_fault(
        "GET /directory_groups",
        "json",
        body={"object": "list", "data": [], "list_metadata": {"before": None, "after": None}},
        times=1,
    )
    run = await directory.synced()
    assert run["status"] == "needs_confirmation", "no group at all: the last administrator would be none any more"
    assert await directory.people() == before
    assert (await directory.confirmed(run["id"]))["status"] == "completed"
    assert {role for _, _, role in (await directory.people()).values()} == {"ROLE_MEMBER"}
    assert (await directory.synced())["status"] == "completed"
    assert await directory.people() == before
