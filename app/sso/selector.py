"""Selector: which organization and connection a sign-in is for, as a pure choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from app.connections.errors import ConnectionInactive
from app.kit.rows import Row
from app.organizations.errors import OrganizationSuspended, OrganizationUnknown
from app.organizations.policy import chosen_connection, domain_of, normalise_domain
from app.sso.errors import SelectorRequired, SsoDisabled

Kind = Literal["organization", "connection", "domain"]
NAMES = ("organization", "connection", "domain", "email")
_LONGEST = 320


@dataclass(frozen=True, slots=True)
class Selector:
    """What the caller named, normalised; `hint` is the address to prefill at the identity provider."""

    kind: Kind
    value: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where the sign-in goes. Without a connection WorkOS chooses one of the organization's.

    `mapping`: the tenant's own attribute mapping as it is written, None for the default one.
    """

    organization_id: UUID
    organization_workos_id: str | None
    connection_id: UUID | None
    connection_workos_id: str | None
    allow_idp_initiated: bool = False
    mapping: str | None = None


def parse(query: Mapping[str, str], default_connection: UUID | None) -> Selector:
    """Return the one selector of a request, else the Default Connection.

    Raises:
        SelectorRequired: there are several, or none and no default.
        OrganizationUnknown: the selector cannot name anything.
    """
    given = [(name, query[name]) for name in NAMES if query.get(name)]
    if not given and default_connection is not None:
        return Selector("connection", str(default_connection))
    if len(given) != 1:
        raise SelectorRequired
    name, value = given[0]
    if len(value) > _LONGEST:
        raise OrganizationUnknown
    if name in {"domain", "email"}:
        domain = domain_of(value) if name == "email" else normalise_domain(value)
        if domain is None:
            raise OrganizationUnknown
        return Selector("domain", domain, value if name == "email" else None)
    return Selector("connection" if name == "connection" else "organization", value)


def choose(rows: Sequence[Row], *, pinned: bool = False) -> Target:
    """Return the target among the rows of `login_target`.

    The chosen connection is: the one that was named, else the policy's default, else the only active one;
    with several active ones WorkOS decides.

    Args:
        rows: one per connection of the organization.
        pinned: the selector named a connection, so no other will do.

    Raises:
        OrganizationUnknown: nothing was found, or several organizations claim the domain.
        OrganizationSuspended, SsoDisabled, ConnectionInactive: found, but nobody may sign in there.
    """
    if not rows or len({row["organization_id"] for row in rows}) > 1:
        raise OrganizationUnknown
    first = rows[0]
    if first["organization_state"] != "active":
        raise OrganizationSuspended
    if not first["enabled"]:
        raise SsoDisabled
    active = {row["connection_id"]: row for row in rows if row["connection_state"] == "active"}
    if not active or (pinned and len(rows) != 1):
        raise ConnectionInactive
    chosen = active.get(chosen_connection(active, first["default_connection_id"]))
    return Target(
        organization_id=first["organization_id"],
        organization_workos_id=first["organization_workos_id"],
        connection_id=chosen["connection_id"] if chosen else None,
        connection_workos_id=chosen["connection_workos_id"] if chosen else None,
        allow_idp_initiated=first["allow_idp_initiated"],
    )
