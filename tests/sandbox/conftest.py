"""A running twin, the official SDK pointed at it, and a browser that does not follow redirects."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from workos import AsyncWorkOSClient

from sandbox.records import Connection
from sandbox.server import Sandbox

CALLBACK = "http://localhost:8000/auth/callback/workos"


@dataclass
class Bench:
    """What a test holds: the twin, its addresses, an HTTP client, the SDK."""

    twin: Sandbox
    base_url: str
    control_url: str
    browser: httpx.AsyncClient
    workos: AsyncWorkOSClient

    @property
    def acme(self) -> Connection:
        return self.twin.world.connection("Acme Okta")

    async def authorize(self, **query: str) -> httpx.Response:
        """Ask for a login at Acme's Okta unless the query says otherwise; an empty value leaves the parameter out."""
        asked = {
            "client_id": self.twin.world.credentials.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "connection": self.acme.id,
            "state": "s1",
            **query,
        }
        params = {name: value for name, value in asked.items() if value}
        return await self.browser.get(f"{self.base_url}/sso/authorize", params=params)

    async def code_for(self, email: str = "ada@acme.example", **query: str) -> str:
        return landed(await self.authorize(login_hint=email, **query))["code"]


def landed(answer: httpx.Response) -> dict[str, str]:
    """Return the query with which the callback was reached."""
    assert answer.status_code == 302, answer.text
    target = answer.headers["location"]
    assert target.startswith(CALLBACK + "?"), target
    return dict(parse_qsl(urlsplit(target).query, keep_blank_values=True))


@pytest.fixture(scope="session")
async def running_bench() -> AsyncGenerator[Bench]:
    """One twin for all tests of this folder."""
    twin = Sandbox.from_seed()
    credentials = twin.world.credentials
    async with twin.running() as urls, httpx.AsyncClient(timeout=5) as browser:
        workos = AsyncWorkOSClient(
            api_key=credentials.api_keys[0],
            client_id=credentials.client_id,
            base_url=urls.base_url,
            http_client=browser,
            max_retries=0,
        )
        yield Bench(twin, urls.base_url, urls.control_url, browser, workos)


@pytest.fixture
async def bench(running_bench: Bench) -> Bench:
    """The twin as its seed has it."""
    running_bench.twin.reset()
    return running_bench
