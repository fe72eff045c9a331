# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""What several threats need and nobody else does: a server that may be stopped, a process that may be attacked."""

import asyncio
from collections.abc import AsyncIterator, Generator
from dataclasses import dataclass

import pytest

from app.db import migrate
from app.db.embedded import EmbeddedPostgres
from sandbox.server import Sandbox
from tests.databases import embedded_server
from tests.processes import Served, served
from tests.settings.bench import bench, running_bench

__all__ = ["bench", "running_bench"]


@dataclass(slots=True)
class OwnServer:
    """A PostgreSQL server that a test may stop; `url` is of a migrated database."""

    server: EmbeddedPostgres
    url: str

    async def control(self, verb: str, *arguments: str) -> None:
        """Run `pg_ctl` and wait for it; the loop goes on."""
        if verb == "start":
            await asyncio.to_thread(self.server._start)
        else:
            await asyncio.to_thread(self.server._control, verb, "-m", "fast", *arguments)


@pytest.fixture(scope="session")
def _own_postgres() -> Generator[EmbeddedPostgres]:
    with embedded_server() as server:
        server.join("postgres")
        yield server


@pytest.fixture(scope="session")
async def own_server(_own_postgres: EmbeddedPostgres) -> OwnServer:
    """A server of these tests' own, with the gateway's tables in `memberpulse`."""
    url = _own_postgres.join("memberpulse")
    await migrate.upgrade(url)
    return OwnServer(_own_postgres, url)


@pytest.fixture(scope="session")
async def process(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """A gateway process on a socket, for what must be sent as bytes."""
    # A twin of its own: the shared one holds the tenants of every test before, and each would be linked here too.
    twin = Sandbox.from_seed()
    async with twin.running(), served(server_url, twin, tmp_path_factory.mktemp("served")) as found:
        yield found
