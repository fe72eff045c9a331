"""Full syncs of a tenant's directory, asked for and worked off as a worker does."""

import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Any
from uuid import UUID

from app import uow as units
from app.bootstrap import assembled
from app.directories import runs, sync
from app.directories.repository import Directories
from app.directories.sync_repository import SyncRuns
from app.onboarding import flow as onboarding
from app.runtime import Runtime
from tests.builders import Tenant


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


@contextlib.asynccontextmanager
async def a_linked_directory(tenant: Tenant) -> AsyncGenerator[Directory]:
    """Link a directory of the tenant that was never read, and assemble a worker's runtime for its full syncs."""
    stage = tenant.stage
    # Its clock runs and the gateway's stands still: behind long tests a listing would be later than any event.
    stage.twin.world.clock_offset = stage.clock.now().timestamp() - time.time()  # noqa: TID251 -- the twin's clock
    home = stage.twin.add_directory(tenant.workos_id, "Okta")
    await onboarding.refresh(stage.assembly.runtime, tenant.id, tenant.workos_id, actor=units.SYSTEM)
    async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as worker:
        yield Directory(tenant, worker.runtime, home.id)
    stage.twin.world.clock_offset = 0.0


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
