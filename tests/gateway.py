"""A whole gateway in this process, over a real database and a WorkOS twin on a socket; and browsers for it."""

import base64
import contextlib
import hashlib
import ssl
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
from pydantic import SecretStr

from app import uow as units
from app.bootstrap import Assembly, assembled
from app.config import Config
from app.db.engine import DriverConnection, connect_arguments
from app.http.gateway import Gateway
from app.main import create_app
from app.sessions import service as sessions
from app.uow import UnitOfWork
from sandbox.server import Sandbox
from tests.fakes.frozen_clock import FrozenClock

BASE = "http://localhost:8000"
SERVICE = ("svc", "a-service-secret-of-the-tests")
WEBHOOK_SECRET = "a-webhook-secret-of-the-tests"
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # the twin speaks http; reading the machine's CAs takes 25 ms
KEYS = "k1:" + base64.b64encode(bytes(range(32))).decode()


@dataclass(slots=True)
class Stage:
    """What a test holds: the application, its insides, its clock, the twin, and the database as its owner sees it."""

    app: Gateway
    assembly: Assembly
    clock: FrozenClock
    twin: Sandbox
    database: str

    @property
    def config(self) -> Config:
        return self.assembly.runtime.config

    def browser(self, base: str = BASE, *, address: str = "203.0.113.7", **options: Any) -> "Browser":  # noqa: ANN401 -- httpx's own options
        """Return a browser without cookies, at an address."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=(address, 4711))
        return Browser(httpx.AsyncClient(transport=transport, base_url=base, **options), base)

    @contextlib.asynccontextmanager
    async def unit(self, organization: Any = units.PLATFORM) -> AsyncGenerator[UnitOfWork]:  # noqa: ANN401 -- a UUID
        """Yield a unit of work of the gateway's own."""
        async with units.beginner(self.assembly.runtime)(organization) as uow:
            yield uow

    async def sql(self, statement: str, *values: object) -> list[asyncpg.Record]:
        """Run a statement as the database's superuser: it sees every tenant."""
        connection: DriverConnection = await asyncpg.connect(**connect_arguments(self.database))
        try:
            return await connection.fetch(statement, *values)
        finally:
            await connection.close()

    async def forget_settings(self) -> None:
        """Take back what was set of the platform's settings: all tests share them."""
        await self.sql("delete from platform_settings")
        await self.assembly.runtime.settings_changed()

    async def count(self, table: str) -> int:
        """Return how many rows a table has, over all tenants."""
        return int((await self.sql(f"select count(*) as n from {table}"))[0]["n"])  # noqa: S608 -- a test's own constant

    def exchanges(self) -> int:
        """Return how often the twin was asked to redeem a code since its hits were cleared."""
        return len(self.twin.hits(path="/sso/token"))

    async def platform_admin(self) -> "Browser":
        """Return a browser with a platform administrator's session, by break-glass."""
        async with self.unit() as uow:
            token = await sessions.make_break_glass_token(uow)
        browser = self.browser()
        (await browser.http.post("/auth/break-glass", json={"token": token})).raise_for_status()
        return browser


class Browser:
    """A browser: keeps cookies of the gateway, follows redirects to the twin and back by hand."""

    def __init__(self, http: httpx.AsyncClient, base: str) -> None:
        self.http = http
        self.base = base

    async def start(self, **query: str) -> httpx.Response:
        """GET /auth/sso."""
        return await self.http.get("/auth/sso", params=query)

    async def at_identity_provider(self, started: httpx.Response) -> str:
        """Follow the redirect to the twin and return the callback's URL (with code or error)."""
        assert started.status_code in {302, 303}, started.text
        async with httpx.AsyncClient(verify=_NO_TLS) as outside:
            answer = await outside.get(started.headers["location"])
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    async def visit(self, url: str, **headers: str) -> httpx.Response:
        """GET a URL of the gateway as a navigation would."""
        parts = urlsplit(url)
        return await self.http.get(f"{parts.path}?{parts.query}" if parts.query else parts.path, headers=headers)

    async def sign_in(self, email: str, **query: str) -> httpx.Response:
        """Sign in by the address's domain, or as `query` says; return the callback's answer."""
        selected = query or {"domain": email.partition("@")[2]}
        return await self.visit(await self.at_identity_provider(await self.start(login_hint=email, **selected)))

    async def token(self) -> httpx.Response:
        """POST /auth/token with the session cookie."""
        return await self.http.post("/auth/token", headers={"Origin": self.base})

    async def access_token(self) -> str:
        """Return an access token."""
        answer = await self.token()
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def bearer(self) -> dict[str, str]:
        """Return the header that authorizes an API call."""
        return {"Authorization": f"Bearer {await self.access_token()}"}

    async def api(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 -- httpx's own options
        """Call the API with a fresh access token."""
        headers = {**await self.bearer(), **options.pop("headers", {})}
        return await self.http.request(method, path, headers=headers, **options)

    @property
    def session_cookie(self) -> str | None:
        return self.http.cookies.get("mp_session")


async def introspect(browser: Browser, token: str) -> dict[str, Any]:
    """Ask, as the tests' service client, whether a token is good."""
    answer = await browser.http.post("/auth/introspect", data={"token": token}, auth=SERVICE)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def a_config(twin_url: str, data_dir: Path, **changes: Any) -> Config:  # noqa: ANN401 -- any field of Config
    """Return the configuration of a gateway under test; secrets are made up."""
    digest = hashlib.sha256(SERVICE[1].encode()).hexdigest()
    values: dict[str, Any] = {
        "environment": "test",
        "public_url": BASE,
        "data_dir": data_dir,
        "encryption_keys": SecretStr(KEYS),
        "service_clients": SecretStr(f"{SERVICE[0]}:{digest}:tokens:introspect+revocations:read"),
        "workos_api_key": SecretStr("sk_test_memberpulse_sandbox"),
        "workos_client_id": "client_memberpulse_sandbox",
        "workos_base_url": twin_url,
        "workos_webhook_secret": SecretStr(WEBHOOK_SECRET),
        "platform_organization": None,
        "rate_limits": "off",  # the clock stands still, and so would every window
        **changes,
    }
    return Config(**values)


@contextlib.asynccontextmanager
async def a_stage(
    config: Config, database: str, twin: Sandbox, clock: FrozenClock | None = None
) -> AsyncGenerator[Stage]:
    """Run a gateway in this process until the block ends."""
    clock = clock or FrozenClock()
    held: list[Assembly] = []

    @contextlib.asynccontextmanager
    async def assemble(settings: Config) -> AsyncGenerator[Assembly]:
        async with assembled(settings, database, clock=clock) as assembly:
            held.append(assembly)
            yield assembly

    app = create_app(config, assemble=assemble)
    async with app.router.lifespan_context(app):
        yield Stage(app, held[0], clock, twin, database)
