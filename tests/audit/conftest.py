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
from sandbox.records import AuditSchema
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.chain import seal_all
from tests.gateway import Stage
from tests.sessions.stages import own_stage


def describe(twin: Sandbox, *actions: str) -> None:
    """Let WorkOS have the schemas of these actions, or of all."""
    for action in actions or ACTIONS:
        shape = ACTIONS[action]
        properties = {name: {"type": "string"} for name in shape.metadata}
        told = {"targets": [{"type": kind} for kind in shape.targets], "metadata": {"properties": properties}}
        twin.world.audit_schemas[action] = [AuditSchema(1, told, twin.world.now())]


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

    def log(self, tenant: Tenant) -> list[dict[str, Any]]:
        """Return a tenant's audit log at WorkOS."""
        return [kept.told for kept in self.stage.twin.world.audit_events if kept.organization_id == tenant.workos_id]

    def reasons(self, tenant: Tenant) -> list[str]:
        """Return what tells the events of these tests apart."""
        return [told["metadata"]["reason"] for told in self.log(tenant) if told["action"] == "session.ended"]

    async def forget(self) -> None:
        """Forget what other tests did: nothing of it waits, and the twin's logs are empty."""
        await seal_all(self.begin)
        await self.stage.sql("delete from audit_refused")
        await self.stage.sql("delete from audit_cursors")
        self.stage.clock.advance(seconds=1)
        twin = self.stage.twin
        twin.clear_faults()
        await self.work_off()
        await self.stage.sql("delete from outbox")
        twin.clear_hits()
        twin.world.audit_events.clear()
        twin.world.audit_schemas.clear()

    async def is_done(self) -> bool:
        """Return whether no piece of this work is open."""
        return not await self.stage.sql("select 1 from outbox where job = $1 and status <> 'done'", forwarding.FORWARD)

    async def refused(self) -> list[Any]:
        """Return what WorkOS has refused so far."""
        return await self.stage.sql("select * from audit_refused order by event_id")


@pytest.fixture(scope="module")
async def forwarding_stage(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """A gateway on a database of its own: whose events are forwarded is no other test's business."""
    twin = Sandbox.from_seed()
    async with twin.running(), own_stage(server_url, twin, tmp_path_factory.mktemp("forward")) as stage:
        yield stage


@pytest.fixture
async def forwarder(forwarding_stage: Stage) -> AsyncGenerator[Forwarder]:
    """A worker for which nothing has happened yet: what was sealed before forwarding was first on is not sent."""
    stage = forwarding_stage
    on = stage.config.model_copy(update={"audit_forwarding": "on"})
    async with assembled(on, stage.database, role="gw_worker", clock=stage.clock) as assembly:
        made = Forwarder(stage, assembly.runtime)
        await made.forget()
        yield made


@pytest.fixture
async def home(forwarder: Forwarder) -> Tenant:
    return await a_tenant(forwarder.stage)
