"""What the twin knows: tenants, connections, directories, groups, people. Plain mutable records."""

from dataclasses import dataclass, field
from typing import Any, Literal

Wire = Literal["current", "legacy"]


@dataclass(kw_only=True)
class Record:
    """What everything has: WorkOS's id, the place in the order of creation, and two instants (epoch seconds)."""

    id: str
    serial: int
    created_at: float
    updated_at: float


@dataclass(kw_only=True)
class Organization(Record):
    """A tenant's organization at WorkOS."""

    name: str
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict[str, str])
    allow_profiles_outside_organization: bool = False


VERIFIED = frozenset({"verified", "legacy_verified"})
"""The states of a domain that belongs to its organization without doubt."""


@dataclass(kw_only=True)
class Domain(Record):
    """An e-mail domain of an organization; `state` is pending, verified, failed, legacy_verified or unverified."""

    organization_id: str
    domain: str
    state: str = "verified"
    verification_strategy: str = "dns"
    verification_token: str = ""


@dataclass(kw_only=True)
class SigningCertificate(Record):
    """What a SAML connection's identity provider signs with: PEM, and when it is good (epoch seconds)."""

    value: str
    not_before: float
    not_after: float


@dataclass(kw_only=True)
class Connection(Record):
    """An SSO connection. `sends_groups`: the group claim is mapped at the identity provider.

    `options` is what configured it by the API, without a secret.
    """

    organization_id: str | None
    type: str
    name: str
    state: str = "active"
    wire: Wire = "current"
    sends_groups: bool = True
    idp_initiated: bool = True
    fail_with: str | None = None
    external_id: str | None = None
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    certificates: list[SigningCertificate] = field(default_factory=list[SigningCertificate])


@dataclass(kw_only=True)
class Directory(Record):
    """A directory; its users are the organization's people whose `directory_id` it is."""

    organization_id: str
    type: str
    name: str
    external_key: str
    state: str = "linked"
    domain: str | None = None
    wire: Wire = "current"


@dataclass(kw_only=True)
class Group(Record):
    """A group at the customer's side; without a directory only logins tell of it."""

    organization_id: str
    directory_id: str | None
    idp_id: str
    name: str
    members: set[str] = field(default_factory=set[str])


@dataclass(kw_only=True)
class Person(Record):
    """Somebody at the customer: may sign in (`sso`), may be in a directory, may be in groups.

    `id` is the id of the directory user, which a person keeps until removed from the directory. `profile_ids` has one
    SSO profile id per connection, made at the first login.
    """

    organization_id: str
    idp_id: str
    email: str | None
    first_name: str | None
    last_name: str | None
    state: str = "active"
    directory_id: str | None = None
    sso: bool = True
    role: str = "member"
    custom_attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    profile_ids: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def name(self) -> str | None:
        """Both names with a blank between, or None when there is neither."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


@dataclass(kw_only=True)
class Endpoint(Record):
    """Where webhooks go; `events` are the names it subscribed to, `secret` signs them as it is."""

    endpoint_url: str
    secret: str
    events: list[str]
    status: str = "enabled"


@dataclass(kw_only=True)
class Code:
    """An authorization code that waits for its exchange. `challenge` is the PKCE S256 challenge, if one was sent."""

    profile: dict[str, Any]
    connection_id: str
    challenge: str | None
    expires_at: float


@dataclass(kw_only=True)
class Token:
    """An access token and the profile it opens."""

    profile: dict[str, Any]
    expires_at: float


@dataclass(kw_only=True)
class PortalLink:
    """A link into the Admin Portal, and the visit that it opens once; `visit` is empty until then."""

    token: str
    organization_id: str
    intent: str | None
    return_url: str | None
    success_url: str | None
    external_user_id: str | None
    expires_at: float
    visit: str = ""


@dataclass(frozen=True)
class AuditEvent:
    """An event of an organization's audit log, as it was sent."""

    organization_id: str
    told: dict[str, Any]
    idempotency_key: str | None


@dataclass(frozen=True)
class AuditSchema:
    """One version of an action's schema, as it was sent."""

    version: int
    told: dict[str, Any]
    created_at: float
