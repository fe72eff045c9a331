"""SettingsGateway: the WorkOSSource over the credentials in force."""

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import httpx

from app.config import Config
from app.kit.backoff import draws
from app.problems import SettingsIncomplete
from app.workos.client import WorkOSClient
from app.workos.gateway import PortalIntent, WorkOSSource
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


class SettingsGateway:
    """Implements `WorkOSSource` with the environment's credentials; every call raises SettingsIncomplete without."""

    def __init__(self, config: Config, http: httpx.AsyncClient) -> None:
        self._http = http
        self._missing = [
            name
            for name, value in (
                ("WORKOS_API_KEY", config.workos_api_key),
                ("WORKOS_CLIENT_ID", config.workos_client_id),
            )
            if not value
        ]
        self._source: WorkOSSource | None = None
        if config.workos_api_key and config.workos_client_id:
            self._source = WorkOSClient(
                api_key=config.workos_api_key.get_secret_value(),
                client_id=config.workos_client_id,
                base_url=config.workos_base_url,
                http=http,
                jitter=draws(f"{os.getpid()}|{id(self)}"),  # without it all processes would ask again in one moment
            )

    def _in_force(self) -> WorkOSSource:
        if self._source is None:
            raise SettingsIncomplete(f"Missing: {', '.join(self._missing)}.", headers={"Retry-After": "60"})
        return self._source

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
        return self._in_force().authorization_url(
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
        return await self._in_force().exchange_code(code=code, code_verifier=code_verifier)

    async def logout_url(self, *, profile_id: str) -> str | None:
        """Return the identity provider's sign-out address, if any (see the port)."""
        return await self._in_force().logout_url(profile_id=profile_id)

    async def get_organization(self, organization: str, /) -> Organization:
        """Return a WorkOS organization (see the port)."""
        return await self._in_force().get_organization(organization)

    async def create_organization(self, *, name: str, external_id: str) -> Organization:
        """Create a WorkOS organization (see the port)."""
        return await self._in_force().create_organization(name=name, external_id=external_id)

    async def list_connections(self, *, organization: str, after: str | None = None) -> Page[Connection]:
        """Return one page of connections (see the port)."""
        return await self._in_force().list_connections(organization=organization, after=after)

    async def get_connection(self, connection: str, /) -> Connection:
        """Return a connection (see the port)."""
        return await self._in_force().get_connection(connection)

    async def list_directories(self, *, organization: str, after: str | None = None) -> Page[Directory]:
        """Return one page of directories (see the port)."""
        return await self._in_force().list_directories(organization=organization, after=after)

    async def get_directory(self, directory: str, /) -> Directory:
        """Return a directory (see the port)."""
        return await self._in_force().get_directory(directory)

    async def list_directory_users(self, *, directory: str, after: str | None = None) -> Page[DirectoryUser]:
        """Return one page of a directory's people (see the port)."""
        return await self._in_force().list_directory_users(directory=directory, after=after)

    async def list_group_members(self, *, directory: str, group: str, after: str | None = None) -> Page[Member]:
        """Return one page of a group's members (see the port)."""
        return await self._in_force().list_group_members(directory=directory, group=group, after=after)

    async def get_directory_user(self, user: str, /) -> DirectoryUser:
        """Return a person of a directory (see the port)."""
        return await self._in_force().get_directory_user(user)

    async def list_directory_groups(self, *, directory: str, after: str | None = None) -> Page[DirectoryGroup]:
        """Return one page of a directory's groups (see the port)."""
        return await self._in_force().list_directory_groups(directory=directory, after=after)

    async def request_directory_pull(self, directory: str, /) -> DirectoryPull:
        """Ask WorkOS to read a directory again (see the port)."""
        return await self._in_force().request_directory_pull(directory)

    async def list_events(
        self,
        *,
        events: Sequence[str],
        after: str | None = None,
        range_start: datetime | None = None,
        range_end: datetime | None = None,
    ) -> Page[Event]:
        """Return one page of events (see the port)."""
        return await self._in_force().list_events(
            events=events, after=after, range_start=range_start, range_end=range_end
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
        return await self._in_force().portal_link(
            organization=organization,
            intent=intent,
            external_user_id=external_user_id,
            return_url=return_url,
            success_url=success_url,
        )

    async def revoke_portal_links(self, *, organization: str, external_user_id: str) -> None:
        """Void a person's links into an organization (see the port)."""
        await self._in_force().revoke_portal_links(organization=organization, external_user_id=external_user_id)

    async def create_audit_event(self, entry: AuditEntry, *, organization: str, idempotency_key: str) -> None:
        """Add an event to an audit log (see the port)."""
        await self._in_force().create_audit_event(entry, organization=organization, idempotency_key=idempotency_key)

    async def create_audit_schema(self, action: str, *, targets: Sequence[str], metadata: Sequence[str]) -> None:
        """Describe an action's events (see the port)."""
        await self._in_force().create_audit_schema(action, targets=targets, metadata=metadata)

    async def aclose(self) -> None:
        """Release the connections."""
        await self._http.aclose()
