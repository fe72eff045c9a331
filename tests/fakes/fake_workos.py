"""FakeWorkOS: the WorkOS port in memory, with PKCE, single-use codes, scripted failures and a record of every call."""

import base64
import hashlib
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from app.workos.connection_records import ConfiguredConnection, Options, SamlOptions, SigningCertificate
from app.workos.errors import (
    AuditEntryRefused,
    CodeRejected,
    ConnectionsApiClosed,
    EventsCursorRejected,
    UpstreamInvalidResponse,
    UpstreamNotFound,
)
from app.workos.gateway import PortalIntent
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
from tests.fakes.workos_records import LONG_AGO, a_connection, a_directory, a_profile

__all__ = ["LONG_AGO", "Call", "FakeWorkOS", "a_connection", "a_directory", "a_profile"]

T = TypeVar("T", Connection, Directory, DirectoryUser, DirectoryGroup, Event)
Listed = TypeVar("Listed", Connection, Directory, DirectoryUser, DirectoryGroup, Event, Member)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the port: the method's name and its arguments."""

    name: str
    arguments: Mapping[str, object]


@dataclass(slots=True)
class _Grant:
    profile: Profile
    challenge: str | None


@dataclass
class FakeWorkOS:
    """Fill the dictionaries with what WorkOS should know; `approve` plays the person at the identity provider."""

    client_id: str = "client_fake"
    base_url: str = "https://api.workos.test"
    page_size: int = 100
    organizations: dict[str, Organization] = field(default_factory=dict[str, Organization])
    connections: dict[str, Connection] = field(default_factory=dict[str, Connection])
    directories: dict[str, Directory] = field(default_factory=dict[str, Directory])
    directory_users: dict[str, DirectoryUser] = field(default_factory=dict[str, DirectoryUser])
    directory_groups: dict[str, DirectoryGroup] = field(default_factory=dict[str, DirectoryGroup])
    members: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Group id -> ids of its people."""
    pulls: dict[str, DirectoryPull] = field(default_factory=dict[str, DirectoryPull])
    """Directory id -> what `request_directory_pull` says; without an entry as the directory's type has it."""
    events: list[Event] = field(default_factory=list[Event])
    """Oldest first."""
    audit_schemas: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(
        default_factory=dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    )
    """Action -> types of targets and names of metadata."""
    audit_events: dict[str, AuditEntry] = field(default_factory=dict[str, AuditEntry])
    """Idempotency key -> event."""
    connections_api: bool = True
    configured: dict[str, Options] = field(default_factory=dict[str, Options])
    """Connection id -> what configured it last."""
    certificates: dict[str, list[SigningCertificate]] = field(default_factory=dict[str, list[SigningCertificate]])
    """Connection id -> what its identity provider signs with."""
    logout_urls: dict[str, str] = field(default_factory=dict[str, str])
    calls: list[Call] = field(default_factory=list[Call])
    closed: bool = False
    _grants: dict[str, _Grant] = field(default_factory=dict[str, _Grant])
    _failures: defaultdict[str, deque[Exception]] = field(default_factory=lambda: defaultdict(deque))
    _issued: int = 0

    def approve(self, url: str, profile: Profile) -> str:
        """Return the code that a sign-in started at `url` (from `authorization_url`) ends with."""
        challenges = parse_qs(urlsplit(url).query).get("code_challenge", [None])
        return self.issue_code(profile, challenges[0])

    def issue_code(self, profile: Profile, challenge: str | None = None) -> str:
        """Return a single-use code for this profile; without a challenge any verifier is accepted."""
        self._issued += 1
        code = f"code_fake_{self._issued:04d}"
        self._grants[code] = _Grant(profile, challenge)
        return code

    def fail(self, method: str, problem: Exception, *, times: int = 1) -> None:
        """Make the next `times` calls of a method raise; the call is recorded all the same."""
        self._failures[method].extend([problem] * times)

    def called(self, method: str) -> list[Call]:
        """Return the recorded calls of one method, oldest first."""
        return [call for call in self.calls if call.name == method]

    def authorization_url(
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
        if (connection is None) == (organization is None):
            raise ValueError("exactly one of connection and organization")
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "state": state,
            "code_challenge": code_challenge,
            "code_challenge_method": "S256",
            "connection": connection,
            "organization": organization,
            "login_hint": login_hint,
            "domain_hint": domain_hint,
            "prompt": prompt,
        }
        present = {name: value for name, value in query.items() if value is not None}
        self.calls.append(Call("authorization_url", present))
        return f"{self.base_url}/sso/authorize?{urlencode(present)}"

    async def exchange_code(self, *, code: str, code_verifier: str | None) -> Profile:
        self._record("exchange_code", code=code, code_verifier=code_verifier)
        grant = self._grants.pop(code, None)
        if grant is None or grant.challenge not in {None, _s256(code_verifier or "")}:
            raise CodeRejected
        return grant.profile

    async def logout_url(self, *, profile_id: str) -> str | None:
        self._record("logout_url", profile_id=profile_id)
        return self.logout_urls.get(profile_id)

    async def get_organization(self, organization: str, /) -> Organization:
        self._record("get_organization", organization=organization)
        return _known(self.organizations, organization)

    async def create_organization(self, *, name: str, external_id: str) -> Organization:
        self._record("create_organization", name=name, external_id=external_id)
        made = Organization(f"org_fake_{len(self.organizations) + 1:04d}", name, external_id=external_id)
        self.organizations[made.id] = made
        return made

    async def list_connections(self, *, organization: str, after: str | None = None) -> Page[Connection]:
        self._record("list_connections", organization=organization, after=after)
        return self._page(self.connections, organization, after)

    async def get_connection(self, connection: str, /) -> Connection:
        self._record("get_connection", connection=connection)
        return _known(self.connections, connection)

    async def create_connection(
        self,
        *,
        organization: str,
        options: Options,
        name: str,
        external_id: str,
        type: str | None = None,  # noqa: A002
    ) -> ConfiguredConnection:
        who = {"organization": organization, "name": name, "external_id": external_id, "type": type}
        self._record("create_connection", options=options, **who)
        self._require_connections_api()
        _known(self.organizations, organization)
        identifier = f"conn_made_{organization}_{external_id}"
        if identifier not in self.connections:
            kind = type or ("GenericSAML" if isinstance(options, SamlOptions) else "GenericOIDC")
            self.connections[identifier] = a_connection(
                id=identifier, organization_id=organization, type=kind, name=name
            )
            self._configure(identifier, options)
        return ConfiguredConnection(self.connections[identifier])

    async def update_connection(self, connection: str, /, *, options: Options) -> ConfiguredConnection:
        self._record("update_connection", connection=connection, options=options)
        self._require_connections_api()
        found = _known(self.connections, connection)
        self._configure(connection, options)
        return ConfiguredConnection(found)

    async def list_connection_certificates(self, connection: str, /) -> tuple[SigningCertificate, ...]:
        self._record("list_connection_certificates", connection=connection)
        self._require_connections_api()
        _known(self.connections, connection)
        return tuple(self.certificates.get(connection, ()))

    def _configure(self, connection: str, options: Options) -> None:
        self.configured[connection] = options
        kept = self.certificates.setdefault(connection, [])
        for pem in options.certificates if isinstance(options, SamlOptions) else ():
            if pem not in {one.pem for one in kept}:
                kept.append(SigningCertificate(f"cert_{len(kept)}", pem))

    def _require_connections_api(self) -> None:
        if not self.connections_api:
            raise ConnectionsApiClosed

    async def list_directories(self, *, organization: str, after: str | None = None) -> Page[Directory]:
        self._record("list_directories", organization=organization, after=after)
        return self._page(self.directories, organization, after)

    async def list_all_directories(self, *, after: str | None = None) -> Page[Directory]:
        self._record("list_all_directories", after=after)
        return self._cut(list(self.directories.values()), after)

    async def get_directory(self, directory: str, /) -> Directory:
        self._record("get_directory", directory=directory)
        return _known(self.directories, directory)

    async def list_directory_users(self, *, directory: str, after: str | None = None) -> Page[DirectoryUser]:
        self._record("list_directory_users", directory=directory, after=after)
        return self._cut(self._people(directory), after)

    async def list_group_members(self, *, directory: str, group: str, after: str | None = None) -> Page[Member]:
        self._record("list_group_members", directory=directory, group=group, after=after)
        people = self._people(directory)
        if _known(self.directory_groups, group).directory_id != directory and self.members.get(group):
            raise UpstreamInvalidResponse("The answer has no usable directory_id.")
        members = self.members.get(group, [])
        return self._cut([Member(one.id, directory) for one in people if one.id in members], after)

    def _people(self, directory: str) -> list[DirectoryUser]:
        _known(self.directories, directory)
        return [user for user in self.directory_users.values() if user.directory_id == directory]

    async def get_directory_user(self, user: str, /) -> DirectoryUser:
        self._record("get_directory_user", user=user)
        return _known(self.directory_users, user)

    async def list_directory_groups(self, *, directory: str, after: str | None = None) -> Page[DirectoryGroup]:
        self._record("list_directory_groups", directory=directory, after=after)
        _known(self.directories, directory)
        return self._cut([one for one in self.directory_groups.values() if one.directory_id == directory], after)

    async def request_directory_pull(self, directory: str, /) -> DirectoryPull:
        self._record("request_directory_pull", directory=directory)
        kind = _known(self.directories, directory).type
        usual = DirectoryPull("queued" if kind == "gsuite directory" else "unsupported")
        return self.pulls.get(directory, usual)

    async def list_events(
        self,
        *,
        events: Sequence[str],
        after: str | None = None,
        range_start: datetime | None = None,
        range_end: datetime | None = None,
    ) -> Page[Event]:
        arguments = {"events": tuple(events), "after": after, "range_start": range_start, "range_end": range_end}
        self._record("list_events", **arguments)
        instants = [instant for instant in (range_start, range_end) if instant]
        if not events or any(instant.tzinfo is None for instant in instants):
            raise ValueError("at least one event type, and instants with a time zone")
        if after is not None and after not in {event.id for event in self.events}:
            raise EventsCursorRejected
        begun = next((number for number, event in enumerate(self.events, 1) if event.id == after), 0)
        found = [
            event
            for event in self.events[begun:]
            if event.event in events
            and (range_start is None or event.created_at is None or event.created_at >= range_start)
            and (range_end is None or event.created_at is None or event.created_at < range_end)
        ]
        return self._cut(found, None)

    async def portal_link(
        self,
        *,
        organization: str,
        intent: PortalIntent,
        external_user_id: str,
        return_url: str | None = None,
        success_url: str | None = None,
    ) -> PortalLink:
        who = {"organization": organization, "intent": intent, "external_user_id": external_user_id}
        self._record("portal_link", **who, return_url=return_url, success_url=success_url)
        _known(self.organizations, organization)
        return PortalLink(f"https://setup.workos.test?token=fake_{len(self.called('portal_link')):04d}")

    async def revoke_portal_links(self, *, organization: str, external_user_id: str) -> None:
        self._record("revoke_portal_links", organization=organization, external_user_id=external_user_id)
        _known(self.organizations, organization)

    async def create_audit_event(self, entry: AuditEntry, *, organization: str, idempotency_key: str) -> None:
        self._record("create_audit_event", entry=entry, organization=organization, idempotency_key=idempotency_key)
        _known(self.organizations, organization)
        targets, metadata = self.audit_schemas.get(entry.action, ((), ()))
        if not entry.targets or {kind for kind, _ in entry.targets} - {*targets} or {*entry.metadata} - {*metadata}:
            raise AuditEntryRefused
        self.audit_events.setdefault(idempotency_key, entry)

    async def create_audit_schema(self, action: str, *, targets: Sequence[str], metadata: Sequence[str]) -> None:
        self._record("create_audit_schema", action=action, targets=targets, metadata=metadata)
        self.audit_schemas[action] = (tuple(targets), tuple(metadata))

    async def aclose(self) -> None:
        self.closed = True

    def _record(self, method: str, **arguments: object) -> None:
        self.calls.append(Call(method, arguments))
        if self._failures[method]:
            raise self._failures[method].popleft()

    def _page(self, things: Mapping[str, T], organization: str, after: str | None) -> Page[T]:
        return self._cut([thing for thing in things.values() if thing.organization_id == organization], after)

    def _cut(self, mine: Sequence[Listed], after: str | None) -> Page[Listed]:
        start = next((n for n, thing in enumerate(mine, 1) if thing.id == after), 0)
        items = tuple(mine[start : start + self.page_size])
        return Page(items, items[-1].id if start + len(items) < len(mine) else None)


def _known(things: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 -- the caller's annotation says which
    if key not in things:
        raise UpstreamNotFound
    return things[key]


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
