"""The gateway as its user runs it: `memberpulse-auth serve` in a process of its own, on a database of its own."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy.engine import make_url

from app.bootstrap import assembled
from app.db import migrate
from app.db.engine import connect_arguments
from app.onboarding import flow as onboarding
from app.uow import SYSTEM
from sandbox.server import Sandbox
from tests.gateway import KEYS, WEBHOOK_SECRET, a_config

ROOT = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Served:
    """A gateway process."""

    url: str
    process: subprocess.Popen[bytes]
    twin: Sandbox
    log: Path
    settings: Mapping[str, str]

    async def ready(self) -> None:
        """Wait until it is ready."""
        await _ready(self.url, self.process, self.log)

    async def killed_and_started_again(self) -> None:
        """`kill -9` the process and start it anew on the same database."""
        self.process.kill()
        await asyncio.to_thread(self.process.wait, 20)
        self.process = start("serve", self.settings, self.log)
        await self.ready()

    async def admin_link(self) -> str:
        """Return a one-use token of `admin-link`."""
        verb = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.cli", "admin-link", "--json", cwd=ROOT, stdout=asyncio.subprocess.PIPE,
            env={"PATH": os.environ["PATH"], **self.settings},  # noqa: TID251 -- nothing else of this environment
        )  # fmt: skip
        said, _ = await verb.communicate()
        return str(json.loads(said.decode().splitlines()[-1])["token"])


def free_port() -> int:
    """Return a port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def a_database(server_url: str, name: str) -> AsyncGenerator[str]:
    """Yield the URL of an empty database, dropped afterwards."""
    admin = await asyncpg.connect(**connect_arguments(server_url))
    try:
        await admin.execute(f"drop database if exists {name} with (force)")
        await admin.execute(f"create database {name}")
        yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        await admin.execute(f"drop database if exists {name} with (force)")
    finally:
        await admin.close()


@contextlib.asynccontextmanager
async def served(server_url: str, twin: Sandbox, folder: Path, **environment: str) -> AsyncGenerator[Served]:
    """Run `serve` on a migrated database that knows the twin's organizations; SIGTERM ends it.

    Give it a twin of its own: the one of all tests has thousands of organizations, and each is linked here.
    """
    port = free_port()
    url = f"http://localhost:{port}"
    async with a_database(server_url, f"gw_served_{os.getpid()}_{port}") as database:
        await migrate.upgrade(database)
        config = a_config(twin.public_url, folder, public_url=url)
        async with assembled(config, database) as assembly:
            for found in list(twin.world.organizations.values()):
                await onboarding.create(assembly.runtime, name=found.name, workos_id=found.id, actor=SYSTEM)
        settings = {
            "ENVIRONMENT": "test",
            "DATABASE_URL": database,
            "PUBLIC_URL": url,
            "PORT": str(port),
            "ENCRYPTION_KEYS": KEYS,
            "WORKOS_API_KEY": "sk_test_memberpulse_sandbox",
            "WORKOS_CLIENT_ID": "client_memberpulse_sandbox",
            "WORKOS_BASE_URL": twin.public_url,
            "WORKOS_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "DATA_DIR": str(folder),
            "RATE_LIMITS": "off",  # one address sends what a thousand would
            **environment,
        }
        log = folder / "serve.log"
        gateway = Served(url, start("serve", settings, log), twin, log, settings)
        try:
            await gateway.ready()
            yield gateway
        finally:
            gateway.process.terminate()
            await asyncio.to_thread(gateway.process.wait, 20)


def start(verb: str, settings: Mapping[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start a verb of the command with these settings and nothing else of this environment."""
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 -- the program under test
            [sys.executable, "-m", "app.cli", verb],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], **settings},  # noqa: TID251 -- nothing else of this environment
        )


async def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(300):
            assert process.poll() is None, _said(log)
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise AssertionError(_said(log))


def _said(log: Path) -> str:
    return log.read_text()
