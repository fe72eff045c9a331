"""Stage: one run's gateway (an API and a worker process), its database, its WorkOS twin, its ledger and its model."""

import asyncio
import base64
import contextlib
import hashlib
import os
import random
import socket
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from bench.faults.admin import Admin
from bench.faults.ledger import Ledger
from bench.faults.model import Model
from bench.faults.processes import ROOT, DidNotRun, Program
from bench.faults.proxy import Proxy
from bench.faults.sender import Sender
from bench.faults.server import FOLDER, Server, connected
from bench.faults.world import API_KEY, CLIENT_ID, seed_of
from sandbox.server import Sandbox

_APPLIED = (Path(__file__).parent / "applied.sql").read_text(encoding="utf-8")
_READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Set:
    """How a stage is set: how many organizations and planted people, and by how much each process's clock is wrong."""

    organizations: int = 2
    people: int = 20
    api_skew: float = 0
    worker_skew: float = 0
    concurrency: int = 8
    relayed: bool = False
    """Whether its processes reach PostgreSQL through a proxy."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What a gateway stands on."""

    server: Server
    database: str
    twin: Sandbox
    proxy: Proxy
    wire: Proxy | None = None


class Stage:
    """What a scenario holds."""

    def __init__(self, ground: Ground, folder: Path, seed: int) -> None:
        self.server = ground.server
        self.database = ground.database
        self.twin = ground.twin
        self.proxy = ground.proxy
        self._wire = ground.wire
        self.rng = random.Random(seed)
        self.secret = hashlib.sha256(b"webhooks").hexdigest()
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.ledger = Ledger(folder / "ledger")
        self.model = Model(self.twin, self.rng)
        self.folder = folder

    def begin(self, how: Set) -> None:
        """Start both processes."""
        log = self.folder
        self.api = Program(("serve", "--workers", "1"), self.settings, log / "serve.log", skew=how.api_skew)
        work = ("worker", "--concurrency", str(how.concurrency))
        self.worker = Program(work, self.settings, log / "worker.log", skew=how.worker_skew)
        self.api.start()
        self.worker.start()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of every process of this gateway."""
        return {
            "ENVIRONMENT": "test",
            "DATABASE_URL": relayed_url(self.database, self._wire) if self._wire else self.database,
            "PUBLIC_URL": self.url,
            "PORT": str(self.port),
            "ENCRYPTION_KEYS": "faults:" + base64.b64encode(hashlib.sha256(b"sealing").digest()).decode(),
            "WORKOS_API_KEY": API_KEY,
            "WORKOS_CLIENT_ID": CLIENT_ID,
            "WORKOS_BASE_URL": self.proxy.url,
            "WORKOS_WEBHOOK_SECRET": self.secret,
            "DATA_DIR": str(self.folder),
            # One address sends everything here.
            "RATE_LIMITS": "off",
        }

    @property
    def wire(self) -> Proxy:
        """What stands between the gateway and PostgreSQL, on a stage that is set `relayed`."""
        assert self._wire is not None
        return self._wire

    def program(self, *verb: str, root: Path = ROOT, **settings: str) -> Program:
        """Return one more process of this gateway, not started; of the release in `root`, with settings of its own."""
        log = self.folder / f"{verb[0]}-{os.urandom(4).hex()}.log"
        return Program(verb, {**self.settings, **settings}, log, root=root)

    def sender(self, *, connections: int = 16, retry: bool = True) -> Sender:
        """Return a sender of deliveries to the API, with the run's ledger."""
        return Sender(self.port, self.secret, self.ledger, connections=connections, retry=retry)

    async def sql(self, statement: str, *values: object) -> Sequence[Any]:
        """Return what a statement finds, as superuser."""
        async with connected(self.database) as connection:
            found: Sequence[Any] = await connection.fetch(statement, *values)
            return found

    async def execute(self, statements: str) -> None:
        """Run statements without values, as superuser."""
        async with connected(self.database) as connection:
            await connection.execute(statements)

    async def count(self, statement: str, *values: object) -> int:
        """Return the number that a statement finds."""
        return int((await self.sql(statement, *values))[0][0])

    async def ready(self, port: int | None = None) -> None:
        """Wait until the API answers. Raises DidNotRun."""
        async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(_READY_S):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"http://localhost:{port or self.port}/readyz")).status_code == 200:
                        return
                if port is None and not self.api.running:
                    raise DidNotRun(self.api.said())
                await asyncio.sleep(0.02)

    async def admin(self) -> Admin:
        """Return an operator with a session, by `admin-link`."""
        link = self.program("admin-link", "--json")
        link.start()
        return await Admin.signed_in(self.url, await link.done())


@contextlib.asynccontextmanager
async def a_stage(server: Server, seed: int, how: Set | None = None) -> AsyncGenerator[Stage]:
    """Yield a gateway whose organizations are linked and whose people are imported; everything ends with it."""
    chosen = how or Set()
    twin = Sandbox.from_seed(seed_of(seed, organizations=chosen.organizations, people=chosen.people))
    with tempfile.TemporaryDirectory(dir=FOLDER, prefix="run-") as folder:
        async with (
            server.database() as database,
            twin.running() as urls,
            Proxy(urls.base_url).open() as proxy,
            Proxy("postgresql://localhost", socket=server.socket).open() as wire,
        ):
            async with connected(database) as connection:
                await connection.execute(_APPLIED)
            ground = Ground(server, database, twin, proxy, wire if chosen.relayed else None)
            stage = Stage(ground, Path(folder), seed)
            stage.begin(chosen)
            try:
                await stage.ready()
                await _link(stage)
                async with stage.ledger.kept():
                    yield stage
            finally:
                await asyncio.gather(stage.api.end(), stage.worker.end())


async def _link(stage: Stage) -> None:
    """Link every organization as an operator does, and wait until its people are here."""
    admin = await stage.admin()
    for found in list(stage.twin.world.organizations.values()):
        await admin.post("/api/organizations", {"name": found.name, "workos_id": found.id})
    await admin.close()
    stage.model.told()  # what happened while it was planted


def relayed_url(database: str, wire: Proxy) -> str:
    """Return the URL under which PostgreSQL is reached through a proxy."""
    name = urlsplit(database).path
    return f"postgresql://postgres@127.0.0.1:{wire.port}{name}"


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
