"""The gateway as it ships: its own commands, its environment, the rows of `bench/world.py` in its tables."""

import hashlib
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

from bench.database import Postgres, fill
from bench.machine import free_port
from bench.servers import ROOT, DidNotStart
from bench.targets import Command, environment
from bench.world import (
    CLIENT_ID,
    CLIENT_SCOPES,
    CLIENT_SECRET,
    SEALING_KEY,
    WEBHOOK_KEY,
    WORKOS_API_KEY,
    WORKOS_CLIENT_ID,
    Table,
    rows,
)

_PROGRAM = (sys.executable, "-m", "app.cli")


def _rows() -> list[Table]:
    """Return the world's rows as our tables have them: a service client's secrets stand beside it."""
    now = datetime.now(UTC)
    secret = (
        UUID(CLIENT_ID),
        UUID(CLIENT_ID),
        hashlib.sha256(CLIENT_SECRET.encode()).digest(),
        CLIENT_SECRET[-4:],
        now,
    )
    client = (UUID(CLIENT_ID), "bench", list(CLIENT_SCOPES), now)
    return [
        *(table for table in rows() if table[0] != "service_clients"),
        ("service_clients", ("id", "name", "scopes", "created_at"), [client]),
        ("service_client_secrets", ("id", "client_id", "secret_hash", "last_four", "created_at"), [secret]),
    ]


class GatewayTarget:
    """`memberpulse-auth serve --workers 1` over plain http on loopback, with rate limits off."""

    name = "gateway"
    database = "gateway"
    session_cookie = "mp_session"  # without the `__Host-` prefix, as on every plain http localhost

    def __init__(self, postgres: Postgres) -> None:
        self._url = postgres.url("gateway")

    async def prepare(self, postgres: Postgres) -> None:
        """Migrate an empty database, fill it, make its signing keys: by the commands that an operator uses."""
        await postgres.make("gateway")
        self._run("migrate")
        await fill(self._url, _rows())
        self._run("keys", "rotate")

    def command(self, workload: str, port: int, twin: int) -> Command:
        """Return `memberpulse-auth serve …` and its environment."""
        del workload
        serve = ("serve", "--host", "127.0.0.1", "--port", str(port), "--workers", "1")
        return Command([*_PROGRAM, *serve], self._environment(port, twin))

    def worker(self, workload: str, upstream: int) -> Command:
        """Return `memberpulse-auth worker`; where it reads all of WorkOS, at no pace (`bench/unpaced.py`)."""
        program = _PROGRAM if workload == "effects" else (sys.executable, "-m", "bench.unpaced")
        return Command([*program, "worker"], self._environment(free_port(), upstream))

    def _run(self, *verb: str) -> None:
        ours = environment(self._environment(free_port(), free_port()))
        done = subprocess.run([*_PROGRAM, *verb], cwd=ROOT, env=ours, capture_output=True, text=True, check=False)
        if done.returncode:
            raise DidNotStart(f"memberpulse-auth {' '.join(verb)} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")

    def _environment(self, port: int, twin: int) -> dict[str, str]:
        return {
            # Production insists on https everywhere; nothing else that costs time depends on it.
            "ENVIRONMENT": "test",
            "DATABASE_URL": self._url,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "ENCRYPTION_KEYS": f"bench:{b64encode(SEALING_KEY).decode()}",
            "WORKOS_API_KEY": WORKOS_API_KEY,
            "WORKOS_CLIENT_ID": WORKOS_CLIENT_ID,
            "WORKOS_WEBHOOK_SECRET": WEBHOOK_KEY,
            "WORKOS_BASE_URL": f"http://127.0.0.1:{twin}",
            # One address sends everything: what the bench measures is not the limiter.
            "RATE_LIMITS": "off",
        }
