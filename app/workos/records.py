"""Records: what WorkOS tells us, in our words, checked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, NamedTuple, TypeVar

SpokenProtocol = Literal["saml", "oidc", "other"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as the identity provider described them at one sign-in (workos.com/docs/reference/sso/profile).

    `attributes` is WorkOS's whole profile object, for attribute mapping by path. `username`, `job_title`, `emails` and
    `raw_attributes` come empty from WorkOS since 2026-04-15 and are still read where an older account sends them.
    """

    id: str
    connection_id: str
    connection_type: str
    idp_id: str
    organization_id: str | None = None
    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    groups: tuple[str, ...] = ()
    username: str | None = None
    job_title: str | None = None
    emails: tuple[str, ...] = ()
    custom_attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    raw_attributes: Mapping[str, object] = field(default_factory=dict[str, object])
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class Connection:
    """An SSO connection; `type` and `state` may hold words that WorkOS invents later."""

    id: str
    type: str
    name: str
    state: str
    created_at: datetime
    updated_at: datetime
    organization_id: str | None = None
    domains: tuple[str, ...] = ()

    @property
    def protocol(self) -> SpokenProtocol:
        """Return what the connection speaks, read from WorkOS's type name (`OktaSAML`, `GenericOIDC`, `TestIdp`)."""
        kind = self.type.upper()
        if "SAML" in kind:
            return "saml"
        return "oidc" if "OIDC" in kind else "other"


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory; `active_users` is WorkOS's own count, where it tells one (a sanity check for a full sync)."""

    id: str
    organization_id: str
    type: str
    name: str
    state: str
    created_at: datetime
    updated_at: datetime
    external_key: str | None = None
    domain: str | None = None
    active_users: int | None = None


class DirectoryUser(NamedTuple):
    """A person of a directory, as WorkOS tells them (workos.com/docs/reference/directory-sync/directory-user).

    `state` is WorkOS's word: `active`, `inactive`, `suspended`, or one it invents later; whoever decides by it asks
    `active`. `attributes` is the whole object: who somebody is called is read from it by path, for each organization
    may say where it stands (`app/users/attributes.py`). It leaves out the deprecated `groups`, which come empty since
    2026-04-15 and so say nothing about memberships. An older webhook tells no organization, identity provider's id or
    instant. A tuple, because a full sync makes a hundred thousand of them.
    """

    id: str
    directory_id: str
    state: str
    organization_id: str | None
    idp_id: str | None
    updated_at: datetime | None
    custom_attributes: Mapping[str, object]
    attributes: Mapping[str, object]

    @property
    def active(self) -> bool:
        """Return whether the directory lets this person in: its exact word `active`, and no other."""
        return self.state == "active"


class Member(NamedTuple):
    """Somebody who is in a group of a directory: no more of them is read, for there are as many as memberships."""

    id: str
    directory_id: str


@dataclass(frozen=True, slots=True)
class DirectoryGroup:
    """A group of a directory; names are not unique, ids are (workos.com/docs/reference/directory-sync)."""

    id: str
    directory_id: str
    name: str
    organization_id: str | None = None
    idp_id: str | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DirectoryPull:
    """What became of asking WorkOS to read a directory again now; `retry_after` is in seconds.

    `unsupported`: WorkOS reads only Google Workspace by itself, the others send to it. `rate_limited`: asked less than
    five minutes ago, here or in WorkOS's dashboard. `disabled`: WorkOS has switched such requests off.
    """

    outcome: Literal["queued", "in_progress", "unsupported", "rate_limited", "disabled"]
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at WorkOS; the same id in a webhook and in the Events API (workos.com/docs/events).

    `raw` is the whole object as it came. Where `broken` names a field, that field could not be read: then `data` is
    empty, `id` and `event` are "" unless they could be read, and `raw` is what is left to keep. `organization_id` is
    WorkOS's, where the event tells one: good for sorting, `events.read` tells what counts.
    """

    id: str
    event: str
    data: Mapping[str, object]
    created_at: datetime | None = None
    organization_id: str | None = None
    raw: Mapping[str, object] = field(default_factory=dict[str, object])
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class PortalLink:
    """An Admin Portal link. Whoever holds it administers the organization at WorkOS, so its `repr` does not show it."""

    url: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where WorkOS sends its events, and the secret that signs them, where it tells it; `repr` does not show that."""

    id: str
    url: str
    enabled: bool
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Domain:
    """An organization's domain; only `verified` and `legacy_verified` states are `verified`."""

    id: str
    domain: str
    state: str

    @property
    def verified(self) -> bool:
        """Return whether WorkOS has seen proof that the organization owns the domain."""
        return self.state in {"verified", "legacy_verified"}


@dataclass(frozen=True, slots=True)
class Organization:
    """A WorkOS organization: what one of our tenants is linked to."""

    id: str
    name: str
    domains: tuple[Domain, ...] = ()
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; `after` is the cursor of the next one, `None` at the end."""

    items: tuple[T, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An event for an audit log at WorkOS; `actor` and `targets` are (type, id), `location` is an address."""

    action: str
    occurred_at: datetime
    actor: tuple[str, str]
    targets: tuple[tuple[str, str], ...]
    location: str
    user_agent: str | None
    metadata: Mapping[str, str]
