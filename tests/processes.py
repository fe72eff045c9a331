"""The gateway as its user runs it: `memberpulse-auth serve` in a process of its own, on a database of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
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
from tests.gateway import KEYS, a_config

ROOT = Path(__file__).resolve().parents[1]


@dataclass(slots=True)
class Served:
    """A gateway process."""

    url: str
    process: subprocess.Popen[bytes]
    twin: Sandbox
    log: Path


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
    """Run `serve` on a migrated database that knows the twin's organizations; SIGTERM ends it."""
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
            "DATA_DIR": str(folder),
            **environment,
        }
        log = folder / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: ASYNC220 -- the program under test
                [sys.executable, "-m", "app.cli", "serve"],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.environ["PATH"], **settings},  # noqa: TID251 -- nothing else of this environment
            )
            try:
                await _ready(url, process, log)
                yield Served(url, process, twin, log)
            finally:
                process.terminate()
                await asyncio.to_thread(process.wait, 20)


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
