"""Everything on one machine: database, twin, demo tenants, API and worker, until Ctrl-C."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import dataclass, field

import httpx

from app import log
from app.bootstrap import assembled, database_url
from app.config import Config, WeakConfiguration, load
from app.kit.clock import SystemClock
from app.onboarding import flow as onboarding
from app.organizations.repository import OrganizationLookups
from app.runtime import Runtime
from app.uow import SYSTEM

_READY_SECONDS = 30.0
_STOP_SECONDS = 20.0
# The twin's own credentials, made up (sandbox/seed.yaml).
_TWIN_KEY = "sk_test_memberpulse_sandbox"
_TWIN_CLIENT = "client_memberpulse_sandbox"
_TWIN_HOOKS = "memberpulse-sandbox-webhooks"
_PLATFORM_NAME = "MemberPulse"


_Child = tuple[str, subprocess.Popen[bytes]]


@dataclass(slots=True)
class _Household:
    """The child processes, the newest last; they are stopped in the opposite order."""

    environment: dict[str, str]
    children: list[tuple[str, subprocess.Popen[bytes]]] = field(
        default_factory=list[tuple[str, subprocess.Popen[bytes]]]
    )
    stopped: threading.Event = field(default_factory=threading.Event)

    def start(self, name: str, *words: str) -> None:
        # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
        child = subprocess.Popen(  # noqa: S603 -- our own programs
            [sys.executable, "-m", *words], env=self.environment, start_new_session=True
        )
        self.children.append((name, child))

    def wait(self) -> str | None:
        """Return when a signal came (None) or a child ended by itself (its name)."""
        while not self.stopped.wait(0.3):
            for name, child in self.children:
                if child.poll() is not None:
                    return name
        return None

    def stop(self) -> None:
        for _, child in reversed(self.children):
            if child.poll() is None:
                child.terminate()
        for _, child in reversed(self.children):
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)
            if child.poll() is None:
                child.kill()


def run() -> int:
    """Start everything, print where to click, and stop it all at SIGINT or SIGTERM; the data stays."""
    os.environ.setdefault("ENVIRONMENT", "development")  # noqa: TID251 -- passed on to the children
    config = load(environment="development")
    log.set_up(config.log_level)
    environment = {**os.environ, "ENVIRONMENT": "development"}  # noqa: TID251 -- as above
    # The database first and so stopped last: the others drain while it is still there.
    with database_url(config) as url, _household(environment) as house:
        environment["DATABASE_URL"] = url
        _require_free(config)
        if config.workos_api_key is None:
            _start_twin(house, config)
        here = load(environment="development", **_overrides(environment, url))
        asyncio.run(_prepare(here, url))
        house.start("API", "app.cli", "serve", "--port", str(config.port))
        house.start("worker", "app.cli", "worker")
        if not _answers(f"http://127.0.0.1:{config.port}/healthz", house):
            print("memberpulse-auth: the API did not start; its log is above.", file=sys.stderr)
            return 1
        print(_welcome(here, twin=config.workos_api_key is None), flush=True)
        fallen = house.wait()
        if fallen:
            print(f"memberpulse-auth: {fallen} ended by itself; stopping the rest.", file=sys.stderr)
        return 1 if fallen else 0


@contextlib.contextmanager
def _household(environment: dict[str, str]) -> Generator[_Household]:
    house = _Household(environment)

    def stop(_number: int, _frame: object) -> None:
        house.stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        yield house
    finally:
        house.stop()


def _require_free(config: Config) -> None:
    ports = [("PORT", config.port)]
    if config.workos_api_key is None:
        ports += [("SANDBOX_PORT", config.sandbox_port), ("SANDBOX_PORT", config.sandbox_port + 1)]
    for name, port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                raise WeakConfiguration([f"Port {port} is taken. Stop what uses it, or set {name}."]) from None


def _start_twin(house: _Household, config: Config) -> None:
    secret = ",".join(config.webhook_secrets[:1]) or _TWIN_HOOKS
    hooks = ("--webhook-url", f"{config.public_url}/webhooks/workos", "--webhook-secret", secret)
    # The twin forgets at its end and we do not: an event id that came before would be taken for a second delivery.
    first = ("--first-event", str(int(SystemClock().now().timestamp())))
    house.start("WorkOS twin", "sandbox", "--port", str(config.sandbox_port), *hooks, *first)
    base = f"http://localhost:{config.sandbox_port}"
    if not _answers(f"{base}/organizations", house):
        raise WeakConfiguration(["The WorkOS twin did not start; its log is above."])
    house.environment.update(
        WORKOS_API_KEY=_TWIN_KEY, WORKOS_CLIENT_ID=_TWIN_CLIENT, WORKOS_BASE_URL=base, WORKOS_WEBHOOK_SECRET=secret
    )
    platform = next((found["id"] for found in _twin_organizations(base) if found["name"] == _PLATFORM_NAME), None)
    if platform and not config.platform_organization:
        house.environment["PLATFORM_ORGANIZATION"] = platform


def _overrides(environment: dict[str, str], url: str) -> dict[str, str]:
    names = ("WORKOS_API_KEY", "WORKOS_CLIENT_ID", "WORKOS_BASE_URL", "PLATFORM_ORGANIZATION")
    return {name.lower(): environment[name] for name in names if name in environment} | {"database_url": url}


def _twin_organizations(base: str) -> list[dict[str, str]]:
    answer = httpx.get(f"{base}/organizations?limit=100", headers={"Authorization": f"Bearer {_TWIN_KEY}"})
    answer.raise_for_status()
    found: list[dict[str, str]] = answer.json()["data"]
    return found


def _answers(url: str, house: _Household) -> bool:
    """Whether something answers HTTP there within half a minute, while no child has ended and no signal came."""
    for _ in range(int(_READY_SECONDS / 0.1)):
        if house.stopped.is_set() or any(child.poll() is not None for _, child in house.children):
            return False
        with contextlib.suppress(httpx.HTTPError):
            httpx.get(url, timeout=1)
            return True
        house.stopped.wait(0.1)
    return False


async def _prepare(config: Config, url: str) -> None:
    """Migrate, and link every organization of the twin that is not linked yet."""
    from app.db import migrate  # noqa: PLC0415 -- alembic, of which every process would carry the weight (10 MB)

    migrating = config.migration_database_url
    await migrate.upgrade(migrating.get_secret_value() if migrating else url, runtime_url=url if migrating else None)
    if config.workos_base_url.startswith("http://localhost"):
        async with assembled(config, url) as assembly:
            for found in _twin_organizations(config.workos_base_url):
                await _link(assembly.runtime, found["id"], found["name"])


async def _link(runtime: Runtime, workos_id: str, name: str) -> None:
    known = await OrganizationLookups(runtime.lane).id_of(workos_id)
    if known is None:
        await onboarding.create(runtime, name=name, workos_id=workos_id, actor=SYSTEM)
    else:
        await onboarding.refresh(runtime, known, workos_id, actor=SYSTEM)


def _welcome(config: Config, *, twin: bool) -> str:
    base = config.public_url
    lines = ["", "MemberPulse Auth Gateway is running.", "", f"  Console                             {base}/console/"]
    if twin:
        lines += [
            "    an operator of MemberPulse        olivia@memberpulse.example",
            "    an administrator of Acme Corp     ada@acme.example",
            "    one of Acme's members             barbara@acme.example",
            f"  Change people, break things         http://localhost:{config.sandbox_port + 1}/",
        ]
    lines += [f"  API documentation                   {base}/docs", "", "Ctrl-C stops everything; the data stays.", ""]
    return "\n".join(lines)
