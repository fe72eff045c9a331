"""Others of the tenant are at work: events and full syncs wait for them, and nothing of it counts as a failure."""

import asyncio
from typing import Any

import pytest

from app.directories import service as directories
from app.directories import sync
from app.problems import Problem
from app.workos.errors import UpstreamRefused, UpstreamUnavailable
from tests.builders import Tenant
from tests.deliveries import Inbox, connection_event
from tests.directory_events import a_directory
from tests.syncs import Directory, hired


async def test_events_wait_for_a_full_sync_and_hold_up_nobody(inbox: Inbox, tenant: Tenant) -> None:
    home = await a_directory(inbox, tenant)
    events = [*(home.user(f"p{number}", 1) for number in range(5)), connection_event(tenant, "connection.activated")]
    for event in events:
        await inbox.deliver(event)
    async with inbox.begin(tenant.id) as uow:
        await directories.lock_mirror(uow)
        started = asyncio.get_running_loop().time()
        assert await inbox.work_off() == 2, "the people together, the connection alone"
        assert asyncio.get_running_loop().time() - started < 3
    rows = [await inbox.row(event["id"]) for event in events]
    assert {(row["status"], row["attempts"]) for row in rows} == {("pending", 0)}
    assert len({row["due_at"] for row in rows[:5]}) == 1, "they stay together"
    inbox.stage.clock.advance(seconds=4)
    await inbox.work_off()
    assert {(await inbox.row(event["id"]))["status"] for event in events} == {"done"}


async def test_a_full_sync_waits_for_events(directory: Directory) -> None:
    await hired(directory, 3)
    async with directory.begin(directory.tenant.id) as uow:
        await directories.lock_mirror(uow)
        working = asyncio.create_task(directory.work_off())
        await asyncio.sleep(4)
        assert not working.done()
    await working
    (run,) = await directory.tenant.stage.sql(
        "select status, attempts, error from directory_sync_runs where organization_id = $1", directory.tenant.id
    )
    assert tuple(run) == ("completed", 1, None)


@pytest.mark.parametrize("problem", [UpstreamUnavailable, UpstreamRefused])
async def test_a_worker_that_lost_a_run_cannot_end_it(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, problem: type[Problem]
) -> None:
    """A slow answer outlasts the lease; meanwhile somebody else goes on with the run."""
    await hired(directory, 3)
    stage = directory.tenant.stage
    taken_over = "update directory_sync_runs set attempts = attempts + 1 where organization_id = $1"

    async def slow(**_: Any) -> None:  # noqa: ANN401 -- whatever is asked
        await stage.sql(taken_over, directory.tenant.id)
        raise problem

    monkeypatch.setattr(type(directory.worker.workos), "list_directory_users", lambda _, **asked: slow(**asked))
    select = "select status, leased_until, failures, error from directory_sync_runs where organization_id = $1"
    assert await sync.run_next(directory.worker, directory.begin)
    (run,) = await stage.sql(select, directory.tenant.id)
    assert (run["status"], run["failures"], run["error"]) == ("running", 0, None)
