"""Records: what WorkOS tells us, in our words, checked and frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Literal, TypeVar

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
