"""Told: what WorkOS says of people, groups and memberships, as rows of the mirror. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from app.users import attributes
from app.users.person import fold
from app.workos.payloads import UserRemoved
from app.workos.records import DirectoryGroup, DirectoryUser

_LONGEST_ATTRIBUTES: Final = 16_384
"""Bytes of a person's custom attributes that are kept (threats.md E14)."""
Mapped = Mapping[str, Sequence[str]]
"""Which attribute feeds which field, in order of preference (`app/users/attributes.py`)."""
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Version(NamedTuple):
    """Which of two pieces of news is newer: its instant, then its event's id (threats.md D22)."""

    at: datetime
    event_id: str = ""


class PersonTold(NamedTuple):
    """A person as an event or a listing tells them; `state` is `active` or `inactive`.

    A tuple, because a full sync makes a hundred thousand of them.
    """

    workos_id: str
    state: str
    version: Version
    idp_id: str | None
    email: str | None
    email_lower: str | None
    first_name: str | None
    last_name: str | None
    department: str | None
    job_title: str | None
    attributes: str


@dataclass(frozen=True, slots=True)
class GroupTold:
    """A group as an event or a listing tells it."""

    workos_id: str
    name: str
    idp_id: str | None
    version: Version


@dataclass(frozen=True, slots=True)
class GoneTold:
    """A person or a group that an event says is gone; of a person also who that was, as far as it says so."""

    workos_id: str
    version: Version
    idp_id: str | None = None
    email: str | None = None
    email_lower: str | None = None


@dataclass(frozen=True, slots=True)
class MembershipTold:
    """That a person joined a group or left it; both by WorkOS's ids."""

    user: str
    group: str
    member: bool
    version: Version


@dataclass(frozen=True, slots=True)
class Place:
    """What is known here of a membership's person and group: ids, states, and their versions' instants.

    `gone_at`: when either of them was last gone, though both may be back.
    """

    person: UUID | None
    person_state: str | None
    person_at: datetime | None
    group: UUID | None
    group_state: str | None
    group_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Put:
    """A row that news has changed: its id here, WorkOS's, and whether it is new."""

    id: UUID
    workos_id: str
    created: bool


def person(
    found: DirectoryUser, *, at: datetime, event_id: str = "", mapping: Mapped = attributes.DEFAULTS
) -> PersonTold:
    """Return a person as a row; `at` is the version where WorkOS tells no `updated_at`."""
    told = attributes.described(found.attributes, mapping)
    return PersonTold(
        workos_id=found.id,
        state="active" if found.active else "inactive",
        version=Version(found.updated_at or at, event_id),
        idp_id=found.idp_id,
        email=told["email"],
        email_lower=fold(told["email"]) if told["email"] else None,
        first_name=told["first_name"],
        last_name=told["last_name"],
        department=told["department"],
        job_title=told["job_title"],
        attributes=_attributes(found),
    )


def gone(change: UserRemoved, version: Version, mapping: Mapped = attributes.DEFAULTS) -> GoneTold:
    """Return a person who is gone as a row."""
    email = attributes.described(change.attributes, mapping)["email"]
    return GoneTold(change.user_id, version, change.idp_id, email, fold(email) if email else None)


def group(found: DirectoryGroup, *, at: datetime, event_id: str = "") -> GroupTold:
    """Return a group as a row; `at` is the version where WorkOS tells no `updated_at`."""
    return GroupTold(found.id, found.name, found.idp_id, Version(found.updated_at or at, event_id))


def columns(told: Sequence[PersonTold]) -> tuple[list[Any], ...]:
    """Return people as columns, in the order that both statements over them have."""
    return (
        [t.workos_id for t in told],
        [t.idp_id for t in told],
        [t.email for t in told],
        [t.email_lower for t in told],
        [t.first_name for t in told],
        [t.last_name for t in told],
        [t.department for t in told],
        [t.job_title for t in told],
        [t.attributes for t in told],
        [t.state for t in told],
        [t.version.at for t in told],
    )


def _attributes(found: DirectoryUser) -> str:
    """Return the custom attributes as JSON; more than is kept of them is none, for half of it would be no JSON."""
    text = _encode(found.custom_attributes)
    return text.decode() if len(text) <= _LONGEST_ATTRIBUTES else "{}"
