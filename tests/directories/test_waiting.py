"""Others of the tenant are at work: events and full syncs wait for them, and nothing of it counts as a failure."""

import asyncio
from datetime import datetime
from typing import Any

import pytest

from app.directories import service as directories
from app.directories import sync
from app.directories.listing_repository import Listing
from app.problems import Problem
from app.uow import PLATFORM
from app.webhooks import jobs
from app.workos.errors import UpstreamRefused, UpstreamUnavailable
from tests.builders import Tenant
from tests.deliveries import Inbox, connection_event
from tests.directory_events import Home, a_directory
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

    async def slow(_: object, **_asked: Any) -> None:  # noqa: ANN401 -- whatever is asked
        await stage.sql(taken_over, directory.tenant.id)
        raise problem

    monkeypatch.setattr(type(directory.worker.workos), "list_directory_users", slow)
    select = "select status, leased_until, failures, error from directory_sync_runs where organization_id = $1"
    assert await sync.run_next(directory.worker, directory.begin)
    (run,) = await stage.sql(select, directory.tenant.id)
    assert (run["status"], run["failures"], run["error"]) == ("running", 0, None)


@pytest.mark.parametrize("unknown", ["person", "group"])
async def test_who_leaves_a_group_while_a_full_sync_reads_is_out(
    directory: Directory, inbox: Inbox, unknown: str
) -> None:
    """The listing still has them as a member; the event comes before the mirror knows both, and must count after it."""
    await hired(directory, 3)
    home, stage = Home(directory.tenant, directory.workos_id), directory.tenant.stage
    read = """
        select p.group_workos_id as club, p.workos_ids[1] as person from directory_sync_pages p
        where p.organization_id = $1 and p.kind = 'member' and cardinality(p.workos_ids) = 1
    """

    async def interrupted(_: Listing, _as_of: datetime) -> None:
        raise UpstreamUnavailable

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Listing, "mark_synced", interrupted)
        await directory.work_off()
    (admin,) = await stage.sql(read, directory.tenant.id)
    told = [
        home.group("Other", 1),
        home.event("dsync.user.created", {**home.person("p0", -900), "id": admin["person"]}),
    ]
    stage.clock.advance(seconds=2)
    data = {
        "directory_id": home.id,
        "user": {**home.person("p0"), "id": admin["person"]},
        "group": {**home.club("MemberPulse Admins"), "id": admin["club"]},
    }
    left = home.event("dsync.group.user_removed", data)
    assert await inbox.applied(*(told if unknown == "group" else []), left) == [
        *(["done", "done"] if unknown == "group" else []),
        "parked",
    ]
    stage.clock.advance(seconds=60)
    await directory.work_off()
    async with inbox.begin(PLATFORM) as uow:
        await jobs.tidy(uow)
    await inbox.work_off()
    assert (await inbox.row(left["id"]))["status"] == "done"
    roles = {email.partition("@")[0]: role for email, (_, _, role) in (await directory.people()).items()}
    assert roles["p0"] == "ROLE_MEMBER"
