"""A gateway and a worker on a database of their own, with a twin that may be broken in every way."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.jobs import periodic
from app.queue.periodic import run_due
from app.runtime import Runtime
from app.status import watching
from app.status.watching import Prober
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.deliveries import Inbox
from tests.gateway import WEBHOOK_SECRET, Stage
from tests.sessions.stages import own_stage


@dataclass(slots=True)
class Integration:
    """What the tests of status break, and how they look at it."""

    stage: Stage
    worker: Runtime
    prober: Prober
    inbox: Inbox

    async def pass_time(self, **delta: float) -> None:
        """Let time pass, and the worker do what it does meanwhile."""
        self.stage.clock.advance(**delta)
        await self.prober.step()
        await self.told()
        await self.settle()

    async def told(self) -> None:
        """Let both processes tell what they noticed."""
        for runtime in (self.stage.assembly.runtime, self.worker):
            await watching.tell(runtime)

    async def settle(self) -> None:
        """Run the periodic job that keeps since when indicators are as they are."""
        jobs = {"status.settle": periodic(self.worker)["status.settle"]}
        await run_due(partial(units.beginner(self.worker), units.PLATFORM), jobs)

    async def read(self, tenant: Tenant | None = None) -> dict[str, Any]:
        """Return what a platform administrator is answered, of everybody or of one tenant."""
        browser = await self.stage.platform_admin()  # anew: hours pass in these tests
        asked = {"organization": str(tenant.id)} if tenant else {}
        answer = await browser.api("GET", "/api/integrations/workos/status", params=asked)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def indicator(self, name: str, tenant: Tenant | None = None) -> dict[str, Any]:
        """Return one indicator."""
        (found,) = [one for one in (await self.read(tenant))["indicators"] if one["name"] == name]
        return found


@pytest.fixture
async def integration(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Integration]:
    twin = Sandbox.from_seed()
    async with twin.running(), own_stage(server_url, twin, tmp_path_factory.mktemp("status")) as stage:
        twin.give_endpoint("http://localhost:8000/webhooks/workos", WEBHOOK_SECRET)
        async with assembled(stage.config, stage.database, role="gw_worker", clock=stage.clock) as assembly:
            worker = assembly.runtime
            begin = units.beginner(worker)
            yield Integration(stage, worker, Prober(worker), Inbox(stage, begin, worker))


@pytest.fixture
async def home(integration: Integration) -> Tenant:
    return await a_tenant(integration.stage, ada="MemberPulse Admins")
