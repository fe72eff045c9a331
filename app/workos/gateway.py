"""The port: what the gateway may ask of WorkOS, in our words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from app.workos.connection_records import ConfiguredConnection, Options, SigningCertificate
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

PortalIntent = Literal["sso", "dsync", "audit_logs", "log_streams", "domain_verification", "certificate_renewal"]
"""What an Admin Portal link is for (workos.com/docs/reference/admin-portal/portal-link)."""


class WorkOSSource(Protocol):
    """WorkOS as the gateway needs it.

    Every awaited method answers within the source's time limit (5 s by default; 10 s from `get_directory` on, which
    jobs ask) and raises `UpstreamUnavailable`, `UpstreamInvalidResponse` or `UpstreamRefused` when it cannot; what else
    it raises is said on the method.

    Left out on purpose: WorkOS's access tokens (we keep none), its users, roles and sessions (ours are our own),
    retries (a source decides), and any way to follow a redirect.
    """

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
        """Return the address that starts a sign-in at WorkOS; no network.

        Exactly one of `connection` and `organization` (both WorkOS ids) is given, else `ValueError`: WorkOS would show
        an error page of its own. PKCE is always S256 (RFC 7636 section 4.3).
        """
        ...

    async def exchange_code(self, *, code: str, code_verifier: str | None) -> Profile:
        """Redeem an authorization code and return who signed in (RFC 6749 section 4.1.3). Never tried twice.

        `code_verifier` is None for a sign-in that the identity provider began: nobody sent a challenge for it.
        Raises `CodeRejected` for a code that is used, expired, unknown or of another sign-in. The access token that
        WorkOS sends along is dropped.
        """
        ...

    async def logout_url(self, *, profile_id: str) -> str | None:
        """Return where to send the browser to sign out of the identity provider too.

        `None` where WorkOS offers none: everything but OIDC connections with an end-session endpoint, and profiles it
        no longer knows (workos.com/docs/sso/single-logout). Local sign-out must not depend on it.
        """
        ...

    async def get_organization(self, organization: str, /) -> Organization:
        """Return the organization with this WorkOS id, its domains included. Raises `UpstreamNotFound`."""
        ...

    async def create_organization(self, *, name: str, external_id: str) -> Organization:
        """Create an organization that carries our id as `external_id`. Never tried twice."""
        ...

    async def list_connections(self, *, organization: str, after: str | None = None) -> Page[Connection]:
        """Return one page (up to 100) of an organization's connections; follow `Page.after` until it is `None`.

        An empty page means that there are none: a broken answer raises instead of looking empty (threats.md E7).
        """
        ...

    async def get_connection(self, connection: str, /) -> Connection:
        """Return the connection with this WorkOS id. Raises `UpstreamNotFound`."""
        ...

    async def create_connection(
        self,
        *,
        organization: str,
        options: Options,
        name: str,
        external_id: str,
        type: str | None = None,  # noqa: A002
    ) -> ConfiguredConnection:
        """Make a connection to an identity provider. Never tried twice, and never made twice.

        `external_id`: where a connection of the organization has it, that one is answered as it is. `type`: WorkOS's
        name of the provider (`OktaSAML`); without one it is the generic one of the protocol. Raises
        `ConnectionsApiClosed` where the account may not do this, for an hour without asking again, and
        `UpstreamNotFound`; an `UpstreamRefused` has WorkOS's codes (`asking.words_of`).
        """
        ...

    async def update_connection(self, connection: str, /, *, options: Options) -> ConfiguredConnection:
        """Give a connection another identity provider, of the protocol that it has. Never tried twice.

        New certificates are added, those of before stay until somebody removes them at WorkOS: a provider that changes
        its certificate is believed by both meanwhile. Raises as `create_connection`.
        """
        ...

    async def list_connection_certificates(self, connection: str, /) -> tuple[SigningCertificate, ...]:
        """Return the certificates by which a SAML connection's identity provider signs, expired ones too.

        Raises `ConnectionsApiClosed` as `create_connection`, and `UpstreamNotFound`.
        """
        ...

    async def list_directories(self, *, organization: str, after: str | None = None) -> Page[Directory]:
        """Return one page (up to 100) of an organization's directories, as `list_connections` does."""
        ...

    async def list_all_directories(self, *, after: str | None = None) -> Page[Directory]:
        """Return one page (up to 100) of the directories of every organization, as `list_connections` does."""
        ...

    async def get_directory(self, directory: str, /) -> Directory:
        """Return the directory with this WorkOS id. Raises `UpstreamNotFound`."""
        ...

    async def list_directory_users(self, *, directory: str, after: str | None = None) -> Page[DirectoryUser]:
        """Return one page (up to 100) of a directory's people, as `list_connections` does.

        Everybody on it is of this directory, of whatever state. WorkOS allows 4 of these calls a second and directory:
        a call waits for its turn, up to 5 s before the time limit begins. Raises `UpstreamNotFound`, and
        `UpstreamUnavailable` with the `retry_after` (seconds) that is to be waited for before the same page is asked
        for again.
        """
        ...

    async def list_group_members(self, *, directory: str, group: str, after: str | None = None) -> Page[Member]:
        """Return one page (up to 100) of a group's members, all of this directory, at the same pace and alike."""
        ...

    async def get_directory_user(self, user: str, /) -> DirectoryUser:
        """Return the person with this WorkOS id, whose directory the caller compares. Raises `UpstreamNotFound`."""
        ...

    async def list_directory_groups(self, *, directory: str, after: str | None = None) -> Page[DirectoryGroup]:
        """Return one page (up to 100) of a directory's groups, as `list_directory_users` does without its pace."""
        ...

    async def request_directory_pull(self, directory: str, /) -> DirectoryPull:
        """Ask WorkOS to read the directory again from its provider, and return what it says to that. Never tried twice.

        Queued at best: what it finds comes as events (workos.com/docs/reference/directory-sync). Raises
        `UpstreamNotFound`.
        """
        ...

    async def list_events(
        self,
        *,
        events: Sequence[str],
        after: str | None = None,
        range_start: datetime | None = None,
        range_end: datetime | None = None,
    ) -> Page[Event]:
        """Return one page (up to 100) of events of these types, oldest first (workos.com/docs/reference/events/list).

        `after` is an event's id; the range are instants, at most 30 days apart and 90 days ago, and its end is now
        where it has none. At the end `Page.after` is `None`: whoever reads on keeps the id of the last event. WorkOS
        lists an event some seconds after it sends it, so a webhook's id is no cursor (workos.md section 3). An event
        that could not be read is on the page all the same (`Event.broken`).

        Raises `EventsCursorRejected` where WorkOS does not know `after`, and `ValueError` for no types and for an
        instant without a time zone.
        """
        ...

    async def portal_link(
        self,
        *,
        organization: str,
        intent: PortalIntent,
        external_user_id: str,
        return_url: str | None = None,
        success_url: str | None = None,
    ) -> PortalLink:
        """Return a new Admin Portal link of this organization, good for five minutes. Never tried twice.

        `external_user_id` is our id of whoever it is made for: WorkOS revokes only links that carry one. An address
        that is not given is the WorkOS Dashboard's. Raises `UpstreamNotFound`.
        """
        ...

    async def revoke_portal_links(self, *, organization: str, external_user_id: str) -> None:
        """Void every link of this organization that was made for this person, and the visits that began with them.

        Doing it twice does no harm; where there is none nothing happens. Raises `UpstreamNotFound`.
        """
        ...

    async def create_audit_event(self, entry: AuditEntry, *, organization: str, idempotency_key: str) -> None:
        """Add an event to an organization's audit log. With the same key it is added once, however often it is sent.

        Raises `AuditEntryRefused` where no schema describes it, and `UpstreamNotFound`.
        """
        ...

    async def create_audit_schema(self, action: str, *, targets: Sequence[str], metadata: Sequence[str]) -> None:
        """Describe the events of an action: the types of its targets, and its metadata's names (all of them texts).

        The same again changes nothing (workos.com/docs/reference/audit-logs/schema).
        """
        ...

    async def aclose(self) -> None:
        """Release the connections. Calls made afterwards fail."""
        ...
