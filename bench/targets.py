"""Targets: the three programs that are compared; how each is prepared and started."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import asyncpg

from bench.database import Postgres, fill
from bench.machine import free_port
from bench.plain.tables import create_tables
from bench.world import rows

_FLOOR_TABLES = Path(__file__).parent / "floors" / "schema.sql"


@dataclass(frozen=True, slots=True)
class Command:
    """How to start a server: arguments, and what its environment adds to ours."""

    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


class Target(Protocol):
    """One program of the comparison."""

    name: str
    database: str
    session_cookie: str

    async def prepare(self, postgres: Postgres) -> None:
        """Make its database anew, with the rows of `bench/world.py`."""
        ...

    def command(self, workload: str, port: int, twin: int) -> Command:
        """Return how to serve on 127.0.0.1:`port`."""
        ...

    def worker(self, workload: str, upstream: int) -> Command:
        """Return how to start the one process that does what lies ready; WorkOS is on 127.0.0.1:`upstream`."""
        ...


class FloorTarget:
    """The floor of whatever workload is asked."""

    database = "floor"

    def __init__(self, postgres: Postgres, variant: str = "") -> None:
        self.name = f"floor: {variant}" if variant else "floor"
        self.session_cookie = "mp_session"
        self._variant = variant
        self._url = postgres.url("floor")

    async def prepare(self, postgres: Postgres) -> None:
        """Create the hand-written tables and fill them."""
        url = await postgres.make("floor")
        connection = await asyncpg.connect(url)
        await connection.execute(_FLOOR_TABLES.read_text())
        await connection.close()
        await fill(url, list(rows()))

    def command(self, workload: str, port: int, twin: int) -> Command:
        """Return `python -m bench.floors …`."""
        arguments = [sys.executable, "-m", "bench.floors", workload, "--port", str(port)]
        arguments += ["--database", self._url, "--twin", str(twin), "--variant", self._variant]
        return Command(arguments)

    def worker(self, workload: str, upstream: int) -> Command:
        """Return the same program: a workload without doors makes it a worker."""
        return self.command(workload, free_port(), upstream)


class PlainTarget:
    """The usual FastAPI + ORM project."""

    name = "plain"
    database = "plain"
    session_cookie = "mp_session"

    def __init__(self, postgres: Postgres) -> None:
        self._url = postgres.url("plain")

    async def prepare(self, postgres: Postgres) -> None:
        """Create the tables from its models and fill them."""
        url = await postgres.make("plain")
        await create_tables(url)
        await fill(url, list(rows()))

    def command(self, workload: str, port: int, twin: int) -> Command:
        """Return `uvicorn bench.plain.app:app …`, as its README would."""
        del workload
        arguments = [sys.executable, "-m", "uvicorn", "bench.plain.app:app", "--port", str(port), "--no-access-log"]
        environment = {
            "PLAIN_DATABASE_URL": self._url,
            "PLAIN_ORIGIN": f"http://127.0.0.1:{port}",
            "PLAIN_WORKOS_URL": f"http://127.0.0.1:{twin}",
        }
        return Command([*arguments, "--log-level", "info"], environment)

    def worker(self, workload: str, upstream: int) -> Command:
        """Return `python -m bench.plain.worker …`."""
        environment = {"PLAIN_DATABASE_URL": self._url, "PLAIN_WORKOS_URL": f"http://127.0.0.1:{upstream}"}
        return Command([sys.executable, "-m", "bench.plain.worker", workload], environment)


def environment(added: Mapping[str, str]) -> dict[str, str]:
    """Return our environment without what would configure a gateway by accident, plus what was added."""
    strangers = (
        "WORKOS_",
        "DATABASE_URL",
        "MIGRATION_DATABASE_URL",
        "PUBLIC_URL",
        "APP_",
        "RATE_",
        "LOG_LEVEL",
        "PORT",
    )
    return {key: value for key, value in os.environ.items() if not key.startswith(strangers)} | dict(added)
