"""The three implementations of the port, each with the same small world: what the contract suite runs over."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from app.workos.client import WorkOSClient
from app.workos.gateway import WorkOSSource
from app.workos.records import Domain, Organization
from app.workos.transport import open_http_client
from sandbox.server import Sandbox
from tests.fakes.fake_workos import FakeWorkOS, a_connection, a_directory, a_profile
from tests.workos.respx_workos import RespxWorkOS

REDIRECT = "http://localhost:8000/auth/callback/workos"


@dataclass(frozen=True)
class Bench:
    """A source and the names of what it knows.

    `organization` has one verified domain, a SAML connection, an OIDC connection and a directory; `crowd` has 103
    connections. `person` signs in over either connection: `approve` turns an authorization URL into a code.
    """

    source: WorkOSSource
    approve: Callable[[str], Awaitable[str]]
    organization: str
    crowd: str
    saml: str
    oidc: str
    directory: str
    domain: str = "acme.example"
    person: str = "ada@acme.example"


@asynccontextmanager
async def fake() -> AsyncGenerator[Bench]:
    """The in-memory fake."""
    source = FakeWorkOS()
    domain = Domain("dom_1", "acme.example", "verified")
    source.organizations = {
        "org_1": Organization("org_1", "Acme Corp", (domain,)),
        "org_crowd": Organization("org_crowd", "Crowd"),
    }
    crowd = [a_connection(id=f"conn_c{n:03d}", organization_id="org_crowd") for n in range(103)]
    own = [a_connection(), a_connection(id="conn_2", type="GenericOIDC")]
    source.connections = {connection.id: connection for connection in own + crowd}
    source.directories = {"directory_1": a_directory()}
    source.logout_urls = {"prof_2": "https://idp.test/logout"}

    async def approve(url: str) -> str:
        oidc = "connection=conn_2" in url
        profile = a_profile(
            email="ada@acme.example",
            id="prof_2" if oidc else "prof_1",
            connection_id="conn_2" if oidc else "conn_1",
            connection_type="GenericOIDC" if oidc else "OktaSAML",
        )
        return source.approve(url, profile)

    yield Bench(source, approve, "org_1", "org_crowd", "conn_1", "conn_2", "directory_1")
    await source.aclose()


@asynccontextmanager
async def over_respx() -> AsyncGenerator[Bench]:
    """The client over respx: WorkOS's documented answers, without a socket."""
    upstream = RespxWorkOS()
    http = httpx.AsyncClient(transport=httpx.MockTransport(upstream.router.async_handler))
    source = WorkOSClient(
        api_key=upstream.api_key, client_id=upstream.client_id, base_url="https://api.workos.test", http=http
    )
    yield Bench(source, upstream.approve, "org_1", "org_crowd", "conn_1", "conn_2", "directory_1")
    await source.aclose()


@asynccontextmanager
async def over_sandbox() -> AsyncGenerator[Bench]:
    """The client over the twin on a socket, with the HTTP client that production uses."""
    twin = Sandbox.from_seed()
    acme = twin.world.organization("Acme Corp")
    saml = twin.world.connection("Acme Okta")
    oidc = twin.change_connection("Acme OpenID", state="active")
    crowd = twin.add_organization("Crowd")
    for number in range(103):
        twin.add_connection(crowd.id, f"Crowd {number}", type="OktaSAML")
    credentials = twin.world.credentials
    async with twin.running() as urls, httpx.AsyncClient() as browser:
        source = WorkOSClient(
            api_key=credentials.api_keys[0],
            client_id=credentials.client_id,
            base_url=urls.base_url,
            http=open_http_client(),
        )

        async def approve(url: str) -> str:
            answer = await browser.get(url)
            return httpx.URL(answer.headers["location"]).params["code"]

        directory = next(iter(twin.world.directories.values()))
        yield Bench(source, approve, acme.id, crowd.id, saml.id, oidc.id, directory.id)
        await source.aclose()
