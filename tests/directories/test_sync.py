"""The full sync: from WorkOS's pages to the mirror, planned, held, confirmed."""

from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.directories import runs, sync
from app.directories.repository import Directories
from app.directories.sync_repository import SyncRuns
from app.onboarding import flow as onboarding
from app.runtime import Runtime
from app.uow import SYSTEM
from tests.builders import Tenant
from tests.gateway import Stage


@pytest.fixture
async def worker(stage: Stage) -> AsyncGenerator[Runtime]:
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        yield assembly.runtime


class Directory:
    """A directory of a tenant in the twin, and the syncs of it."""

    def __init__(self, tenant: Tenant, worker: Runtime, workos_id: str) -> None:
        self.tenant, self.worker, self.workos_id = tenant, worker, workos_id
        self.begin = units.beginner(worker)

    @property
    def twin(self) -> Any:  # noqa: ANN401 -- the sandbox
        return self.tenant.stage.twin

    async def work_off(self) -> None:
        """Work on syncs until there is none left to do."""
        while await sync.run_next(self.worker, self.begin):
            pass

    async def synced(self, mode: str = "apply") -> dict[str, Any]:
        """Ask for a sync, work it off and return the run's row."""
        self.tenant.stage.clock.advance(seconds=1)
        async with self.begin(self.tenant.id) as uow:
            found = await Directories(uow, uow.tenant).by_workos_id(self.workos_id)
            assert found is not None
            run = await runs.request(uow, found, mode=mode)
        await self.work_off()
        return await self.run(run)

    async def confirmed(self, run: UUID) -> dict[str, Any]:
        """Confirm a run, work it off and return its row."""
        async with self.begin(self.tenant.id) as uow:
            found = await SyncRuns(uow).find(run)
            assert found is not None
            await runs.confirm(uow, found)
        await self.work_off()
        return await self.run(run)

    async def run(self, run: UUID) -> dict[str, Any]:
        """Return a run's row."""
        (row,) = await self.tenant.stage.sql("select * from directory_sync_runs where id = $1", run)
        return dict(row)

    async def people(self) -> dict[str, tuple[str, str, str]]:
        """Return state here, state in the directory and mapped role by address."""
        rows = await self.tenant.stage.sql(
            "select u.email, u.state, d.state as told, u.mapped_role from users u join directory_users d"
            " on d.user_id = u.id where u.organization_id = $1",
            self.tenant.id,
        )
        return {row["email"]: (row["state"], row["told"], row["mapped_role"]) for row in rows}


@pytest.fixture
async def directory(tenant: Tenant, worker: Runtime) -> Directory:
    """The tenant's people in a linked directory that was never read."""
    home = tenant.stage.twin.add_directory(tenant.workos_id, "Okta")
    await onboarding.refresh(tenant.stage.assembly.runtime, tenant.id, tenant.workos_id, actor=SYSTEM)
    return Directory(tenant, worker, home.id)


async def hired(directory: Directory, count: int, *, group: str = "MemberPulse Members") -> list[str]:
    """Put so many people into the directory; return their ids in the twin. The first is an administrator."""
    for name in ("MemberPulse Admins", group):
        directory.twin.add_group(directory.tenant.workos_id, name, directory=directory.workos_id)
    return [
        directory.twin.add_person(
            directory.tenant.workos_id,
            directory=directory.workos_id,
            email=f"p{number}@{directory.tenant.domain}",
            first_name="P",
            last_name=str(number),
            groups=["MemberPulse Admins" if number == 0 else group],
        ).id
        for number in range(count)
    ]


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


async def test_e8_a_mass_deactivation_waits_for_a_yes(directory: Directory) -> None:
    """Threats E8: nobody loses access until a person has confirmed exactly that."""
    people = await hired(directory, 30)
    await directory.work_off()
    for person in people[10:]:
        directory.twin.change_person(person, directory=None)
    run = await directory.synced()
    assert (run["status"], run["error_code"]) == ("needs_confirmation", "sync_needs_confirmation")
    assert all(state == "active" for state, _, _ in (await directory.people()).values())
    run = await directory.confirmed(run["id"])
    assert run["status"] == "completed", run["error"]
    states = [state for state, _, _ in (await directory.people()).values()]
    assert (states.count("active"), states.count("deactivated")) == (10, 20)


async def test_e8_the_last_administrator_is_not_lost_by_a_listing(directory: Directory) -> None:
    people = await hired(directory, 5)
    await directory.work_off()
    directory.twin.change_person(people[0], directory=None)
    assert (await directory.synced())["status"] == "needs_confirmation"


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
