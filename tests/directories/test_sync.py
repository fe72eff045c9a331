"""The full sync: from WorkOS's pages to the mirror, planned and confirmed."""

import asyncio

import asyncpg
import pytest

from app import uow as units
from app.directories import jobs, runs, sync
from app.directories.errors import SyncAlreadyRunning, SyncPlanStale
from app.directories.repository import Directories
from app.directories.sync_repository import SyncRuns
from tests.logs import logged
from tests.syncs import Directory, hired


async def test_linking_queues_the_first_sync_and_it_decides_roles(directory: Directory) -> None:
    await hired(directory, 3, group="MemberPulse Staff")
    await directory.work_off()
    roles = {email: role for email, (_, _, role) in (await directory.people()).items()}
    domain = directory.tenant.domain
    assert roles == {
        f"p0@{domain}": "ROLE_CLIENT_ADMIN",
        f"p1@{domain}": "ROLE_CLIENT_USER",
        f"p2@{domain}": "ROLE_CLIENT_USER",
    }
    (run,) = await directory.tenant.stage.sql(
        "select status, requested_by, users_seen, groups_seen, changes from directory_sync_runs"
        " where organization_id = $1",
        directory.tenant.id,
    )
    assert (run["status"], run["requested_by"], run["users_seen"], run["groups_seen"]) == ("completed", "gateway", 3, 2)


async def test_a_sync_that_brings_many_leaves_the_planner_figures_that_hold(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sync, "_MANY", 2)
    await hired(directory, 3)
    await directory.work_off()
    (figures,) = await directory.tenant.stage.sql(
        "select reltuples::bigint as known, (select count(*) from directory_users) as there from pg_class"
        " where oid = 'directory_users'::regclass"
    )
    assert figures["known"] == figures["there"] >= 3


async def test_a_sync_is_done_although_its_tables_cannot_be_measured(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def held(_uow: object) -> None:
        raise asyncpg.LockNotAvailableError

    monkeypatch.setattr(sync, "_MANY", 2)
    monkeypatch.setattr(sync, "measure", held)
    await hired(directory, 3)
    with logged("warning") as log:
        await directory.work_off()
    assert len(log.of("directories.sync.not_measured")) == 1
    assert log.of("directories.sync.interrupted") == []
    (run,) = await directory.tenant.stage.sql(
        "select status from directory_sync_runs where organization_id = $1", directory.tenant.id
    )
    assert run["status"] == "completed"


async def test_an_unchanged_listing_writes_no_row(directory: Directory) -> None:
    await hired(directory, 3)
    await directory.work_off()
    versions = "select d.xmin::text || u.xmin::text as v from directory_users d join users u on u.id = d.user_id"
    before = await directory.tenant.stage.sql(
        f"{versions} where d.organization_id = $1 order by d.id", directory.tenant.id
    )
    run = await directory.synced()
    after = await directory.tenant.stage.sql(
        f"{versions} where d.organization_id = $1 order by d.id", directory.tenant.id
    )
    assert run["status"] == "completed", run["error"]
    assert [row["v"] for row in before] == [row["v"] for row in after]


async def test_somebody_missing_is_deactivated_and_their_return_lifts_it(directory: Directory) -> None:
    people = await hired(directory, 5)
    await directory.work_off()
    directory.twin.change_person(people[4], directory=None)
    assert (await directory.synced())["status"] == "completed"
    email = f"p4@{directory.tenant.domain}"
    assert (await directory.people())[email][:2] == ("deactivated", "deleted")
    (before,) = await directory.tenant.stage.sql(
        "select id from users where organization_id = $1 and email = $2", directory.tenant.id, email
    )
    directory.twin.add_person(
        directory.tenant.workos_id, directory=directory.workos_id, email=email, first_name="P", last_name="4"
    )
    await directory.synced()
    (after,) = await directory.tenant.stage.sql(
        "select id, state from users where organization_id = $1 and email = $2", directory.tenant.id, email
    )
    assert (after["id"], after["state"]) == (before["id"], "active")


async def test_a_plan_changes_nothing_and_is_applied_as_it_was_shown(directory: Directory) -> None:
    people = await hired(directory, 3)
    await directory.work_off()
    directory.twin.change_person(people[1], first_name="Renamed")
    planned = await directory.synced("plan")
    assert (planned["status"], planned["finished_at"] is not None) == ("completed", True)
    (named,) = await directory.tenant.stage.sql(
        "select first_name from users where organization_id = $1 and email = $2",
        directory.tenant.id,
        f"p1@{directory.tenant.domain}",
    )
    assert named["first_name"] == "P"
    assert (await directory.confirmed(planned["id"]))["status"] == "completed"
    (named,) = await directory.tenant.stage.sql(
        "select first_name from users where organization_id = $1 and email = $2",
        directory.tenant.id,
        f"p1@{directory.tenant.domain}",
    )
    assert named["first_name"] == "Renamed"


async def test_a_plan_that_no_longer_holds_says_so(directory: Directory) -> None:
    people = await hired(directory, 3)
    await directory.work_off()
    directory.twin.change_person(people[1], first_name="Renamed")
    planned = await directory.synced("plan")
    await directory.tenant.stage.sql(
        "update directory_users set touched_at = $2 where organization_id = $1",
        directory.tenant.id,
        directory.tenant.stage.clock.now(),
    )
    directory.tenant.stage.clock.advance(seconds=1)
    await directory.tenant.stage.sql(
        "update directory_users set touched_at = touched_at + interval '1 hour' where organization_id = $1",
        directory.tenant.id,
    )
    run = await directory.confirmed(planned["id"])
    assert (run["status"], run["error_code"]) == ("failed", "sync_plan_stale")


async def test_a_directory_that_is_deleted_while_it_is_read_changes_nothing(directory: Directory) -> None:
    await hired(directory, 3)
    directory.twin.add_fault("GET /directory_users", "status", status=503)
    await directory.work_off()
    gone = "update directories set state = 'deleted' where workos_id = $1"
    await directory.tenant.stage.sql(gone, directory.workos_id)
    directory.twin.clear_faults()
    directory.tenant.stage.clock.advance(seconds=60)
    await directory.work_off()
    (run,) = await directory.tenant.stage.sql(
        "select status, error_code from directory_sync_runs where organization_id = $1", directory.tenant.id
    )
    assert tuple(run) == ("failed", "directory_not_linked")
    assert await directory.people() == {}


async def test_a_run_goes_on_where_it_was_and_only_failures_in_a_row_end_it(directory: Directory) -> None:
    await hired(directory, 3)
    for after in range(4):  # one refusal at each of four pages: never two in a row
        directory.twin.add_fault("GET /directory_users", "status", status=503, after=after, times=1)
    for _ in range(8):
        await directory.work_off()
        directory.tenant.stage.clock.advance(seconds=60)
    (run,) = await directory.tenant.stage.sql(
        "select status, attempts, failures, pages from directory_sync_runs where organization_id = $1",
        directory.tenant.id,
    )
    assert (run["status"], run["failures"]) == ("completed", 0)
    assert run["attempts"] > 1
    assert len(directory.twin.hits("/directory_groups")) == 1, "pages that were read are not read again"


async def test_a_tombstone_that_a_listing_makes_is_kept_as_long_as_any(directory: Directory) -> None:
    """However long nothing was told of them before; without it late news makes them members again."""
    people = await hired(directory, 5)
    await directory.work_off()
    tenant = directory.tenant
    for table in ("directory_users", "directory_groups", "directory_memberships"):
        await tenant.stage.sql(
            f"update {table} set touched_at = touched_at - interval '200 days' where organization_id = $1",  # noqa: S608 -- from the list above
            tenant.id,
        )
    directory.twin.change_person(people[4], directory=None)
    assert (await directory.synced())["status"] == "completed"
    kept = "select count(*) from directory_memberships where organization_id = $1"
    async with directory.begin(units.PLATFORM) as uow:
        await jobs.purge(uow)
    assert (await directory.people())[f"p4@{tenant.domain}"][1] == "deleted"
    assert (await tenant.stage.sql(kept, tenant.id))[0]["count"] == 5
    tenant.stage.clock.advance(days=101)
    async with directory.begin(units.PLATFORM) as uow:
        await jobs.purge(uow)
    assert f"p4@{tenant.domain}" not in await directory.people()
    tenant.stage.clock.advance(days=-101)


async def test_of_two_who_say_yes_at_once_one_is_heard(directory: Directory) -> None:
    people = await hired(directory, 3)
    await directory.work_off()
    directory.twin.change_person(people[1], first_name="Renamed")
    planned = await directory.synced("plan")
    async with directory.begin(directory.tenant.id) as uow:
        seen_by_the_other = await SyncRuns(uow).find(planned["id"])
    assert seen_by_the_other is not None
    assert (await directory.confirmed(planned["id"]))["status"] == "completed"
    with pytest.raises(SyncPlanStale):
        async with directory.begin(directory.tenant.id) as uow:
            await runs.confirm(uow, seen_by_the_other)
    assert (await directory.run(planned["id"]))["status"] == "completed"


async def test_a_run_that_is_asked_for_while_a_plan_is_confirmed_keeps_the_slot(directory: Directory) -> None:
    await hired(directory, 2)
    await directory.work_off()
    planned = await directory.synced("plan")
    async with directory.begin(directory.tenant.id) as asking:
        home = await Directories(asking, asking.tenant).by_workos_id(directory.workos_id)
        assert home is not None
        asked = await runs.request(asking, home, mode="apply")
        confirming = asyncio.create_task(directory.confirmed(planned["id"]))
        await asyncio.sleep(0.2)
        assert not confirming.done()
    with pytest.raises(SyncAlreadyRunning) as refused:
        await confirming
    assert refused.value.extra["run_id"] == str(asked)
