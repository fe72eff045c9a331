"""Payloads: what an event says happened, one frozen record per kind; ids are WorkOS's.

What gives access is whole or not at all. What takes it away needs ids only: an odd name must not keep anybody in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from app.workos.records import Connection, Directory, DirectoryGroup, DirectoryUser, Domain, Organization


@dataclass(frozen=True, slots=True)
class UserChanged:
    """A person of a directory is new or has changed; `user.active` tells whether they are let in."""

    user: DirectoryUser


@dataclass(frozen=True, slots=True)
class UserRemoved:
    """A person is gone from their directory. Never a reason to create them.

    `idp_id` and `attributes`, where they can be read, tell who that was, if nothing was told of them before.
    """

    user_id: str
    directory_id: str
    organization_id: str | None
    idp_id: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict[str, object])


@dataclass(frozen=True, slots=True)
class GroupChanged:
    """A group is new or has another name; memberships have events of their own."""

    group: DirectoryGroup


@dataclass(frozen=True, slots=True)
class GroupRemoved:
    """A group is gone with all its memberships; no event tells of those."""

    group_id: str
    directory_id: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class MembershipChanged:
    """A person joined a group (`member`) or left it.

    Order these by the event's `created_at`: a membership does not move anybody's `updated_at` (workos.md section 3).
    `user` and `group` are whole when somebody joined; when somebody left they may be `None`.
    """

    directory_id: str
    user_id: str
    group_id: str
    member: bool
    organization_id: str | None
    user: DirectoryUser | None
    group: DirectoryGroup | None


@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    """A directory was connected; its state is in the state API's words (`linked`, not `active`)."""

    directory: Directory


@dataclass(frozen=True, slots=True)
class DirectoryRemoved:
    """A directory is gone with everybody in it; no event tells of its people and groups."""

    directory_id: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """A connection was switched on or off; `connection` is `None` where the event tells only part of it."""

    connection_id: str
    state: str
    organization_id: str | None
    connection: Connection | None


@dataclass(frozen=True, slots=True)
class ConnectionRemoved:
    """A connection is gone."""

    connection_id: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class CertificateExpiring:
    """A connection's SAML certificate expires in `days_left` days, or has; WorkOS repeats it."""

    connection_id: str
    organization_id: str | None
    certificate_type: str
    expires_at: datetime
    expired: bool
    days_left: int | None


@dataclass(frozen=True, slots=True)
class CertificateRenewed:
    """A connection's SAML certificate was replaced by one that expires at `expires_at`."""

    connection_id: str
    organization_id: str | None
    certificate_type: str
    expires_at: datetime
    renewed_at: datetime | None


@dataclass(frozen=True, slots=True)
class OrganizationChanged:
    """An organization is new or has changed."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class OrganizationRemoved:
    """An organization is gone."""

    organization_id: str


@dataclass(frozen=True, slots=True)
class DomainChanged:
    """A domain is new, has changed, or its proof came or failed; `reason` is WorkOS's word for a failure."""

    domain: Domain
    organization_id: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class DomainRemoved:
    """A domain is an organization's no more."""

    domain_id: str
    organization_id: str | None


@dataclass(frozen=True, slots=True)
class SsoFailed:
    """A sign-in failed at WorkOS or the identity provider; `code` is WorkOS's word, its sentences are not kept."""

    outcome: Literal["failed", "timed_out"]
    organization_id: str | None
    connection_id: str | None
    session_id: str | None
    email: str | None
    ip_address: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class Unneeded:
    """An event that is known and changes nothing here: a sign-in that began or succeeded, a SCIM token."""

    event: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """An event of a type that this release does not know; to be kept and acknowledged."""

    event: str
    data: Mapping[str, object]


Payload = (
    UserChanged
    | UserRemoved
    | GroupChanged
    | GroupRemoved
    | MembershipChanged
    | DirectoryChanged
    | DirectoryRemoved
    | ConnectionChanged
    | ConnectionRemoved
    | CertificateExpiring
    | CertificateRenewed
    | OrganizationChanged
    | OrganizationRemoved
    | DomainChanged
    | DomainRemoved
    | SsoFailed
    | Unneeded
    | Unknown
)
