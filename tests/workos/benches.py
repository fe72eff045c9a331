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
from tests.fakes.workos_records import a_directory_group, a_directory_user, an_event
from tests.workos.respx_workos import RespxWorkOS

REDIRECT = "http://localhost:8000/auth/callback/workos"


DIRECTORIES = ("directory_1", "directory_crowd", "directory_google", "directory_group_1")


@dataclass(frozen=True)
class Bench:
    """A source and the names of what it knows.

    `organization` has one verified domain, a SAML connection, an OIDC connection and a directory; `crowd` has 103
    connections. `person` signs in over either connection: `approve` turns an authorization URL into a code.

    `directory` has `person` (active, in `group`, the MemberPulse Admins) and `away` (inactive); `directory_crowd` has
    103 people; `google` is a Google Workspace directory. 103 events were told, but for the twin's.

    The account may configure connections, until `open_connections_api(False)`.
    """

    source: WorkOSSource
    approve: Callable[[str], Awaitable[str]]
    organization: str
    crowd: str
    saml: str
    oidc: str
    directory: str
    directory_crowd: str
    google: str
    group: str
    open_connections_api: Callable[[bool], None]
    away: str = "john@acme.example"
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
    fill_directories(source)
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

    def connections_api(open_: bool) -> None:  # noqa: FBT001 -- a switch
        source.connections_api = open_

    yield Bench(source, approve, "org_1", "org_crowd", "conn_1", "conn_2", *DIRECTORIES, connections_api)
    await source.aclose()


def fill_directories(source: FakeWorkOS) -> None:
    """Give the fake its directories, people, groups and events."""
    google = a_directory(id="directory_google", organization_id="org_2", type="gsuite directory")
    crowd = a_directory(id="directory_crowd", organization_id="org_crowd")
    source.directories = {one.id: one for one in (a_directory(), crowd, google)}
    john = a_directory_user(id="directory_user_2", email="john@acme.example", state="inactive")
    people = [a_directory_user(email="ada@acme.example"), john]
    people += [a_directory_user(id=f"directory_user_c{n}", directory_id=crowd.id) for n in range(103)]
    source.directory_users = {one.id: one for one in people}
    groups = [a_directory_group(), a_directory_group(id="directory_group_2", name="Nobody")]
    source.directory_groups = {one.id: one for one in groups}
    source.members = {"directory_group_1": ["directory_user_1"]}
    source.events = [an_event(id=f"event_{n}", event="dsync.user.created") for n in range(103)]


@asynccontextmanager
async def over_respx() -> AsyncGenerator[Bench]:
    """The client over respx: WorkOS's documented answers, without a socket."""
    upstream = RespxWorkOS()
    http = httpx.AsyncClient(transport=httpx.MockTransport(upstream.router.async_handler))
    source = WorkOSClient(
        api_key=upstream.api_key, client_id=upstream.client_id, base_url="https://api.workos.test", http=http
    )

    def connections_api(open_: bool) -> None:  # noqa: FBT001 -- a switch
        upstream.connections.open = open_

    yield Bench(source, upstream.approve, "org_1", "org_crowd", "conn_1", "conn_2", *DIRECTORIES, connections_api)
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
    many = twin.add_directory(crowd.id, "Crowd Directory")
    twin.generate_people(crowd.id, 103, many.id)
    home, google = twin.world.directory("Acme Okta Directory"), twin.world.directory("MemberPulse Google Directory")
    group = twin.world.group(next(g.id for g in twin.world.groups.values() if g.directory_id == home.id))
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

        def connections_api(open_: bool) -> None:  # noqa: FBT001 -- a switch
            twin.set_switches(connections_api=open_)

        connections_api(True)
        directories = (home.id, many.id, google.id, group.id)
        yield Bench(source, approve, acme.id, crowd.id, saml.id, oidc.id, *directories, connections_api)
        await source.aclose()
