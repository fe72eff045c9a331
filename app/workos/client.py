"""WorkOSClient: the port over WorkOS's API; the only file that imports the SDK.

The SDK builds the requests (addresses, authentication, headers). Its typed methods are not used for answers: they turn
a broken list into an empty page and one odd field into a crash (threats.md section 0). `wire.py` reads the raw answer,
`shapes.py` checks it.
"""

import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Literal, cast
from urllib.parse import urlencode

import httpx
from workos import AsyncHTTPBackend, AsyncWorkOSClient

from app.workos import shapes
from app.workos.asking import page_of, require_id, same, window
from app.workos.audit_calls import AuditCalls
from app.workos.bodies import json_events, json_members, json_object, json_tolerant
from app.workos.breaker import Breaker, BreakerLimits
from app.workos.bulkhead import Bulkhead
from app.workos.calls import Calls, Limits
from app.workos.connection_calls import ConnectionCalls
from app.workos.connection_records import ConfiguredConnection, Options, SigningCertificate
from app.workos.directory_calls import DirectoryCalls
from app.workos.event_calls import EventCalls
from app.workos.fields import Object
from app.workos.gateway import PortalIntent
from app.workos.lanes import Lane
from app.workos.login_calls import LoginCalls, LogoutCalls
from app.workos.noticed import Notices
from app.workos.pace import Pace
from app.workos.portal_calls import PortalCalls
from app.workos.records import (
    AuditEntry,
    Connection,
    Directory,
    DirectoryGroup,
    DirectoryPull,
    DirectoryUser,
    Event,
    Member,
    Organization,
    Page,
    PortalLink,
    Profile,
)
from app.workos.turns import turn
from app.workos.wire import Wire

_KEY = re.compile(r"[!-~]{1,512}")
_AUDIT_CALLS = 10  # a second and process, of the hundred that WorkOS answers of one API key


class WorkOSClient:
    """Implements `WorkOSSource`. Sign-ins, directories, events and the rest go different ways: none stops another."""

    def __init__(  # noqa: PLR0913 -- credentials, and what a test replaces
        self,
        *,
        api_key: str,
        client_id: str,
        base_url: str,
        http: httpx.AsyncClient,
        limits: Limits | None = None,
        breaker: BreakerLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = lambda: 1.0,
        notices: Notices | None = None,
    ) -> None:
        """Take over `http` (from `open_http_client`): `aclose` closes it.

        Raises `ValueError` for a key that no header can carry; the key itself is in no message of ours.
        """
        if not _KEY.fullmatch(api_key) or not client_id:
            raise ValueError("the WorkOS API key or client id is empty or holds characters that no header can carry")
        limits = limits or Limits()
        secure = base_url.startswith("https://")
        self._http = http

        def sdk(body_limit: int, read: Callable[[bytes], Object] = json_object) -> AsyncWorkOSClient:
            return AsyncWorkOSClient(
                api_key=api_key,
                client_id=client_id,
                base_url=base_url,
                request_timeout=round(limits.answer) or 1,  # else the SDK reads the environment
                max_retries=0,  # its retries sleep up to 60 s each, and would redeem a code twice
                # Not quite the SDK's type: our answers pass through it whole (wire.Answer).
                http_client=cast("AsyncHTTPBackend", Wire(http, body_limit=body_limit, read=read)),
            )

        def calls(client: AsyncWorkOSClient, limits: Limits) -> Calls:
            bulkhead = Bulkhead(places=limits.places, wait=limits.place_wait)
            lane = Lane(Breaker(breaker, jitter=jitter), bulkhead, deadline=limits.deadline, monotonic=monotonic)
            return Calls(client.request, lane, limits, notices)

        self._sdk = sdk(limits.login_body)
        credentials = {"client_id": client_id, "client_secret": api_key}
        self._login = LoginCalls(calls(self._sdk, limits), credentials)
        self._api = calls(sdk(limits.api_body), limits)
        self._logout = LogoutCalls(self._api, secure=secure)
        self._connections = ConnectionCalls(self._api, monotonic=monotonic)
        pages = limits.for_pages()
        people = calls(sdk(limits.page_body, json_tolerant), pages)
        members = people.beside(sdk(limits.page_body, json_members).request)
        wait = limits.pace_wait
        self._directories = DirectoryCalls(people, members, Pace(), longest_wait=wait, monotonic=monotonic)
        self._portal = PortalCalls(self._api, secure=secure)
        audit_turn = partial(turn, Pace(calls=_AUDIT_CALLS), "audit_logs", monotonic, wait)
        self._audit = AuditCalls(calls(sdk(limits.api_body), pages), audit_turn)
        self._events = EventCalls(calls(sdk(limits.page_body, json_events), pages))

    def authorization_url(  # noqa: PLR0913 -- each is a parameter of WorkOS's /sso/authorize
        self,
        *,
        redirect_uri: str,
        state: str,
        code_challenge: str,
        connection: str | None = None,
        organization: str | None = None,
        login_hint: str | None = None,
        domain_hint: str | None = None,
        prompt: Literal["login"] | None = None,
    ) -> str:
        """Return the address that starts a sign-in (see the port)."""
        if (connection is None) == (organization is None):
            raise ValueError("exactly one of connection and organization")
        url = self._sdk.sso.get_authorization_url(
            redirect_uri=redirect_uri,
            state=state,
            connection=connection,
            organization=organization,
            login_hint=login_hint,
            domain_hint=domain_hint,
            prompt=prompt,
        )
        # The SDK's own PKCE helper makes up a state of its own, so the challenge is added here.
        return f"{url}&{urlencode({'code_challenge': code_challenge, 'code_challenge_method': 'S256'})}"

    async def exchange_code(self, *, code: str, code_verifier: str | None) -> Profile:
        """Redeem a code (see the port)."""
        return await self._login.exchange(code, code_verifier)

    async def logout_url(self, *, profile_id: str) -> str | None:
        """Return where to sign out of the identity provider (see the port)."""
        return await self._logout.url(profile_id)

    async def get_organization(self, organization: str, /) -> Organization:
        """Return an organization (see the port)."""
        require_id(organization)
        return await self._api.get("organizations", organization, read=same(organization, shapes.organization))

    async def create_organization(self, *, name: str, external_id: str) -> Organization:
        """Create an organization (see the port)."""
        body = {"name": name, "external_id": external_id}
        return await self._api.post("organizations", body=body, read=shapes.organization)

    async def list_connections(self, *, organization: str, after: str | None = None) -> Page[Connection]:
        """Return one page of connections (see the port)."""
        return await self._connections.list(organization, after)

    async def get_connection(self, connection: str, /) -> Connection:
        """Return a connection (see the port)."""
        return await self._connections.get(connection)

    async def create_connection(
        self,
        *,
        organization: str,
        options: Options,
        name: str,
        external_id: str,
        type: str | None = None,  # noqa: A002
    ) -> ConfiguredConnection:
        """Make a connection (see the port)."""
        return await self._connections.create(organization, options, name=name, external_id=external_id, kind=type)

    async def update_connection(self, connection: str, /, *, options: Options) -> ConfiguredConnection:
        """Change a connection's identity provider (see the port)."""
        return await self._connections.update(connection, options)

    async def list_connection_certificates(self, connection: str, /) -> tuple[SigningCertificate, ...]:
        """Return what a connection's identity provider signs with (see the port)."""
        return await self._connections.certificates(connection)

    async def list_directories(self, *, organization: str, after: str | None = None) -> Page[Directory]:
        """Return one page of directories (see the port)."""
        require_id(organization)
        read = page_of(
            shapes.directory,
            after=after,
            owner=lambda found: found.organization_id,
            asked=organization,
            field="organization_id",
        )
        return await self._api.get("directories", params=window(after, organization_id=organization), read=read)

    async def list_all_directories(self, *, after: str | None = None) -> Page[Directory]:
        """Return one page of everybody's directories (see the port)."""
        read: Callable[[Object], Page[Directory]] = partial(shapes.page, item=shapes.directory, after=after)
        return await self._api.get("directories", params=window(after), read=read)

    async def get_directory(self, directory: str, /) -> Directory:
        """Return a directory (see the port)."""
        return await self._directories.get(directory)

    async def list_directory_users(self, *, directory: str, after: str | None = None) -> Page[DirectoryUser]:
        """Return one page of a directory's people (see the port)."""
        return await self._directories.list_users(directory, after)

    async def list_group_members(self, *, directory: str, group: str, after: str | None = None) -> Page[Member]:
        """Return one page of a group's members (see the port)."""
        return await self._directories.list_members(directory, group, after)

    async def get_directory_user(self, user: str, /) -> DirectoryUser:
        """Return a person of a directory (see the port)."""
        return await self._directories.get_user(user)

    async def list_directory_groups(self, *, directory: str, after: str | None = None) -> Page[DirectoryGroup]:
        """Return one page of a directory's groups (see the port)."""
        return await self._directories.list_groups(directory, after)

    async def request_directory_pull(self, directory: str, /) -> DirectoryPull:
        """Ask WorkOS to read a directory again (see the port)."""
        return await self._directories.pull(directory)

    async def list_events(
        self,
        *,
        events: Sequence[str],
        after: str | None = None,
        range_start: datetime | None = None,
        range_end: datetime | None = None,
    ) -> Page[Event]:
        """Return one page of events (see the port)."""
        return await self._events.list(events, after, range_start, range_end)

    async def portal_link(
        self,
        *,
        organization: str,
        intent: PortalIntent,
        external_user_id: str,
        return_url: str | None = None,
        success_url: str | None = None,
    ) -> PortalLink:
        """Return a new Admin Portal link (see the port)."""
        return await self._portal.link(
            organization, intent, external_user_id=external_user_id, return_url=return_url, success_url=success_url
        )

    async def revoke_portal_links(self, *, organization: str, external_user_id: str) -> None:
        """Void a person's links into an organization (see the port)."""
        await self._portal.revoke(organization, external_user_id=external_user_id)

    async def create_audit_event(self, entry: AuditEntry, *, organization: str, idempotency_key: str) -> None:
        """Add an event to an audit log (see the port)."""
        await self._audit.create_event(entry, organization, idempotency_key)

    async def create_audit_schema(self, action: str, *, targets: Sequence[str], metadata: Sequence[str]) -> None:
        """Describe an action's events (see the port)."""
        await self._audit.create_schema(action, targets, metadata)

    async def aclose(self) -> None:
        """Close the HTTP client that was taken over."""
        await self._http.aclose()
