"""A gateway with a WorkOS twin and a database of its own: what it catches up with are its own events alone."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from app import uow as units
from app.bootstrap import assembled
from app.db import migrate
from sandbox.server import Sandbox
from tests.deliveries import Inbox
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import WEBHOOK_SECRET, a_config, a_stage
from tests.processes import a_database


@pytest.fixture
async def alone(server_url: str, tmp_path: Path) -> AsyncGenerator[Inbox]:
    """The inbox of that gateway, whose twin hands its deliveries over instead of sending them."""
    hook = "https://gateway.test/webhooks/workos"
    twin = Sandbox.from_seed(webhook_url=hook, webhook_secret=WEBHOOK_SECRET)
    twin.set_switches(send_webhooks=False)
    async with twin.running(), a_database(server_url, f"gw_alone_{os.getpid()}") as database:
        await migrate.upgrade(database)
        config, clock = a_config(twin.public_url, tmp_path), FrozenClock()
        async with (
            a_stage(config, database, twin, clock) as stage,
            assembled(config, database, role="gw_worker", clock=clock) as worker,
        ):
            yield Inbox(stage, units.beginner(worker.runtime), worker.runtime)
