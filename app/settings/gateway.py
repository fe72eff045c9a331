"""SettingsGateway: the WorkOSSource over the credentials in force."""

import os
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Literal, TypeVar

import httpx

from app import log
from app.kit.backoff import draws
from app.problems import SettingsIncomplete
from app.settings.stored import missing
from app.workos.asking import says
from app.workos.client import WorkOSClient
from app.workos.connection_records import ConfiguredConnection, Options, SigningCertificate
from app.workos.errors import UpstreamRefused
from app.workos.gateway import PortalIntent, WorkOSSource
from app.workos.in_force import InForce
from app.workos.noticed import Notices
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

T = TypeVar("T")
_UNAUTHORIZED = 401
_logger = log.get("settings")


class SettingsGateway:
    """Implements `WorkOSSource` with the credentials in force; every call raises SettingsIncomplete without."""

    def __init__(self, base_url: str, http: httpx.AsyncClient, values: InForce, notices: Notices | None = None) -> None:
        """Take where to write down how WorkOS answers (`app/workos/noticed.py`)."""
        self._notices = notices
        self._base_url = base_url
        self._http = http
        self._values = values
        self._jitter = draws(f"{os.getpid()}|{id(self)}")  # else all processes would ask again in one moment
        self._clients: dict[tuple[str, str], WorkOSSource] = {}
        self.look: Callable[[], Awaitable[None]] | None = None
        """Reads the settings anew, at once: asked when WorkOS refuses the key that this process knows."""

    def _in_force(self) -> Sequence[WorkOSSource]:
        """Return the client of the API key that counts, then that of the one staged to take its place.

        A client is kept as long as its key is in force: its breakers and its pace are what it has learnt.
        """
        values = self._values.now
        if not values.api_keys or not values.client_id:
            raise SettingsIncomplete(f"Missing: {', '.join(missing(values))}.", headers={"Retry-After": "60"})
        wanted = [(values.client_id, key) for key in values.api_keys]
        if list(self._clients) != wanted:
            self._clients = {pair: self._clients.get(pair) or self._client(*pair) for pair in wanted}
        return list(self._clients.values())

    def _client(self, client_id: str, api_key: str) -> WorkOSSource:
        return WorkOSClient(
            api_key=api_key,
            client_id=client_id,
            base_url=self._base_url,
            http=self._http,
            jitter=self._jitter,
            notices=self._notices,
        )

    async def _ask(self, call: Callable[[WorkOSSource], Awaitable[T]]) -> T:
        """Make a call with the key that counts; where WorkOS refuses the key, with one that has taken its place.

        While a key rotates, the old one may end before this process has heard of the new one: without this, sign-ins
        would fail in between. What WorkOS refuses for its credentials it has not done, so a code is still good.
        """
        source = self._in_force()[0]
        try:
            return await call(source)
        except UpstreamRefused as refused:
            if not _refuses_the_key(refused):
                raise
            other = await self._other(source)
            if other is None:
                raise
        _logger.warning("settings.api_key.refused", went_on="with the key that takes its place")
        return await call(other)

    async def _other(self, source: WorkOSSource) -> WorkOSSource | None:
        if self.look is not None:
            try:
                await self.look()
            except Exception as error:  # noqa: BLE001 -- then what is known has to do
                _logger.warning("settings.follow.failed", reason=log.redact(repr(error))[:300])
        return next((one for one in self._in_force() if one is not source), None)

    def authorization_url(  # noqa: PLR0913 -- the port's signature
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
        return self._in_force()[0].authorization_url(
            redirect_uri=redirect_uri,
            state=state,
            code_challenge=code_challenge,
            connection=connection,
            organization=organization,
            login_hint=login_hint,
            domain_hint=domain_hint,
            prompt=prompt,
        )

    async def exchange_code(self, *, code: str, code_verifier: str | None) -> Profile:
        """Redeem an authorization code (see the port)."""
        return await self._ask(lambda source: source.exchange_code(code=code, code_verifier=code_verifier))

    async def logout_url(self, *, profile_id: str) -> str | None:
        """Return the identity provider's sign-out address, if any (see the port)."""
        return await self._ask(lambda source: source.logout_url(profile_id=profile_id))

    async def get_organization(self, organization: str, /) -> Organization:
        """Return a WorkOS organization (see the port)."""
        return await self._ask(lambda source: source.get_organization(organization))

    async def create_organization(self, *, name: str, external_id: str) -> Organization:
        """Create a WorkOS organization (see the port)."""
        return await self._ask(lambda source: source.create_organization(name=name, external_id=external_id))

    async def list_connections(self, *, organization: str, after: str | None = None) -> Page[Connection]:
        """Return one page of connections (see the port)."""
        return await self._ask(lambda source: source.list_connections(organization=organization, after=after))

    async def get_connection(self, connection: str, /) -> Connection:
        """Return a connection (see the port)."""
        return await self._ask(lambda source: source.get_connection(connection))

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
        return await self._ask(
            lambda source: source.create_connection(
                organization=organization, options=options, name=name, external_id=external_id, type=type
            )
        )

    async def update_connection(self, connection: str, /, *, options: Options) -> ConfiguredConnection:
        """Change a connection's identity provider (see the port)."""
        return await self._ask(lambda source: source.update_connection(connection, options=options))

    async def list_connection_certificates(self, connection: str, /) -> tuple[SigningCertificate, ...]:
        """Return what a connection's identity provider signs with (see the port)."""
        return await self._ask(lambda source: source.list_connection_certificates(connection))

    async def list_directories(self, *, organization: str, after: str | None = None) -> Page[Directory]:
        """Return one page of directories (see the port)."""
        return await self._ask(lambda source: source.list_directories(organization=organization, after=after))

    async def list_all_directories(self, *, after: str | None = None) -> Page[Directory]:
        """Return one page of everybody's directories (see the port)."""
        return await self._ask(lambda source: source.list_all_directories(after=after))

    async def get_directory(self, directory: str, /) -> Directory:
        """Return a directory (see the port)."""
        return await self._ask(lambda source: source.get_directory(directory))

    async def list_directory_users(self, *, directory: str, after: str | None = None) -> Page[DirectoryUser]:
        """Return one page of a directory's people (see the port)."""
        return await self._ask(lambda source: source.list_directory_users(directory=directory, after=after))

    async def list_group_members(self, *, directory: str, group: str, after: str | None = None) -> Page[Member]:
        """Return one page of a group's members (see the port)."""
        return await self._ask(lambda source: source.list_group_members(directory=directory, group=group, after=after))

    async def get_directory_user(self, user: str, /) -> DirectoryUser:
        """Return a person of a directory (see the port)."""
        return await self._ask(lambda source: source.get_directory_user(user))

    async def list_directory_groups(self, *, directory: str, after: str | None = None) -> Page[DirectoryGroup]:
        """Return one page of a directory's groups (see the port)."""
        return await self._ask(lambda source: source.list_directory_groups(directory=directory, after=after))

    async def request_directory_pull(self, directory: str, /) -> DirectoryPull:
        """Ask WorkOS to read a directory again (see the port)."""
        return await self._ask(lambda source: source.request_directory_pull(directory))

    async def list_events(
        self,
        *,
        events: Sequence[str],
        after: str | None = None,
        range_start: datetime | None = None,
        range_end: datetime | None = None,
    ) -> Page[Event]:
        """Return one page of events (see the port)."""
        return await self._ask(
            lambda source: source.list_events(events=events, after=after, range_start=range_start, range_end=range_end)
        )

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
        return await self._ask(
            lambda source: source.portal_link(
                organization=organization,
                intent=intent,
                external_user_id=external_user_id,
                return_url=return_url,
                success_url=success_url,
            )
        )

    async def revoke_portal_links(self, *, organization: str, external_user_id: str) -> None:
        """Void a person's links into an organization (see the port)."""
        await self._ask(
            lambda source: source.revoke_portal_links(organization=organization, external_user_id=external_user_id)
        )

    async def create_audit_event(self, entry: AuditEntry, *, organization: str, idempotency_key: str) -> None:
        """Add an event to an audit log (see the port)."""
        await self._ask(
            lambda source: source.create_audit_event(entry, organization=organization, idempotency_key=idempotency_key)
        )

    async def create_audit_schema(self, action: str, *, targets: Sequence[str], metadata: Sequence[str]) -> None:
        """Describe an action's events (see the port)."""
        await self._ask(lambda source: source.create_audit_schema(action, targets=targets, metadata=metadata))

    async def aclose(self) -> None:
        """Release the connections."""
        await self._http.aclose()


def _refuses_the_key(refused: UpstreamRefused) -> bool:
    return refused.extra.get("upstream_status") == _UNAUTHORIZED or says(refused, "invalid_client")
