"""A worker that forwards the record to a twin's Audit Logs, beside a gateway on a database of its own."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import pytest

from app import uow as units
from app.audit import forwarding
from app.audit.forwarded import ACTIONS
from app.bootstrap import assembled
from app.jobs import senders
from app.queue import outbox_runner
from app.runtime import Runtime
from app.uow import Begin
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.sealing import seal_all
from tests.sessions.stages import own_stage


@dataclass(slots=True)
class Forwarder:
    """A worker that forwards, beside a gateway on a database of its own."""

    stage: Stage
    runtime: Runtime

    @property
    def begin(self) -> Begin:
        """Open units as the worker does."""
        return units.beginner(self.runtime)

    async def queue(self) -> None:
        """Seal what happened, and run the periodic job that looks for what is to be sent."""
        await seal_all(self.begin)
        async with self.begin(units.PLATFORM) as uow:
            await forwarding.queue(uow)

    async def step(self) -> bool:
        """Do the next piece of work; return whether there was any."""
        return await outbox_runner.run_next(self.begin, senders(self.runtime, self.begin))

    async def work_off(self) -> None:
        """Forward all that is due."""
        await self.queue()
        while await self.step():
            pass

    async def describe(self, *actions: str) -> None:
        """Give WorkOS the schemas of these actions, or of all."""
        for action in actions or ACTIONS:
            shape = ACTIONS[action]
            await self.runtime.workos.create_audit_schema(action, targets=shape.targets, metadata=shape.metadata)

    def log(self, tenant: Tenant) -> list[dict[str, Any]]:
        """Return a tenant's audit log at WorkOS."""
        return [kept.told for kept in self.stage.twin.world.audit_events if kept.organization_id == tenant.workos_id]

    def reasons(self, tenant: Tenant) -> list[str]:
        """Return what tells the events of these tests apart."""
        return [told["metadata"]["reason"] for told in self.log(tenant) if told["action"] == "session.ended"]

    async def is_done(self) -> bool:
        """Return whether no piece of this work is open."""
        return not await self.stage.sql("select 1 from outbox where job = $1 and status <> 'done'", forwarding.FORWARD)

    async def refused(self) -> list[Any]:
        """Return what WorkOS has refused so far."""
        return await self.stage.sql("select * from audit_refused order by event_id")


@pytest.fixture
async def forwarder(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Forwarder]:
    twin = Sandbox.from_seed()
    async with (
        twin.running(),
        own_stage(server_url, twin, tmp_path_factory.mktemp("forward")) as stage,
        assembled(
            stage.config.model_copy(update={"audit_forwarding": "on"}),
            stage.database,
            role="gw_worker",
            clock=stage.clock,
        ) as assembly,
    ):
        made = Forwarder(stage, assembly.runtime)
        await made.queue()  # what was sealed before forwarding was first on is not sent
        yield made


@pytest.fixture
async def home(forwarder: Forwarder) -> Tenant:
    return await a_tenant(forwarder.stage)
