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
    assert all(state == "active" for state, _, _ in (await directory.people()).values())
