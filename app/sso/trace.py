"""Trace: what one attempt to sign in went through, filled in while it goes on and redacted when it is kept."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, cast
from uuid import UUID

import msgspec

from app.users.person import Person
from app.workos.records import Profile

Step = Literal["redirect", "callback", "code", "profile", "attributes", "access", "roles", "session"]
STEPS: Final[tuple[Step, ...]] = (
    "redirect",
    "callback",
    "code",
    "profile",
    "attributes",
    "access",
    "roles",
    "session",
)
"""Sent to WorkOS; back from there; its code redeemed; of the connection that was meant; what the identity provider sent
read into our fields; let in by organization, policy, connection, domain, directory and account; which role; a session.
"""
_NAMES: Final = 60
_GROUPS: Final = 30
_LONGEST: Final = 100
_ENVELOPE: Final = frozenset(
    {"object", "id", "connection_id", "connection_type", "organization_id", "raw_attributes", "custom_attributes"}
)
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {})
_WORD: Final = re.compile(r"[a-z0-9_]{1,64}")
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Trace:
    """What is known of an attempt so far. Whoever takes a step says so before, so that a failure is that step's."""

    began_at: datetime | None = None
    step: Step = "callback"
    error: str | None = None
    """WorkOS's word for what went wrong, as the callback brought it."""
    profile: Profile | None = None
    person: Person | None = None
    email: str | None = None
    """The address that came, also where something else is missing."""
    missing: str | None = None
    """The required field that had no value, and the mapping (as it is written) by which it had none."""
    mapping: str | None = None
    user: UUID | None = None
    """Who it is here, once that is known."""
    role: str | None = None
    """The role that the groups map to; None where a directory decides."""
    idp_initiated: bool = False

    @property
    def told_error(self) -> str | None:
        """WorkOS's word, if it is one: anybody can write a sentence into a callback's address."""
        return None if self.error is None else self.error if _WORD.fullmatch(self.error) else "unknown"

    def details(self) -> str:
        """Return what is kept beside the row's own columns, as JSON: names and counts, no values of anybody's."""
        told: dict[str, Any] = {}
        if self.error is not None:
            told["error"] = self.told_error
        if self.profile is not None:
            told["received"] = received(self.profile)
        if self.email is not None:
            told["email"] = masked(self.email)
        if self.person is not None:
            told["groups"] = [shown(group) for group in self.person.groups[:_GROUPS]]
        if self.missing is not None:
            told |= {"missing": self.missing, "mapping": mark(self.mapping)}
        if self.role is not None:
            told["role"] = self.role
        if self.idp_initiated:
            told["idp_initiated"] = True
        return _encode(told).decode()


def mark(mapping: str | None) -> str | None:
    """Return what tells one written mapping from another; None for the default one."""
    return None if mapping is None else hashlib.sha256(mapping.encode()).hexdigest()[:16]


def received(profile: Profile) -> list[str]:
    """Return the names of the attributes that came with a value, as a mapping writes them; at most sixty."""
    own = [name for name in _with_value(profile.attributes) if name not in _ENVELOPE]
    nested = [
        f"{group}.{name}"
        for group, attributes in (
            ("custom_attributes", profile.custom_attributes),
            ("raw_attributes", profile.raw_attributes),
        )
        for name in _with_value(attributes)
    ]
    return [shown(name) for name in (*own, *nested)[:_NAMES]]


def _with_value(attributes: Mapping[str, object]) -> Iterable[str]:
    return (name for name, value in attributes.items() if value not in _EMPTY)


def shown(text: str) -> str:
    """Return a name from outside as it may be kept and shown: one line, not too long, nothing that turns it round."""
    kept = text[:_LONGEST]
    return kept if kept.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in kept)


def masked(email: str) -> str:
    """Return an address of which only the first letter and the domain can be read."""
    local, _, domain = email.rpartition("@")
    return shown(f"{local[:1]}\u2026@{domain}")


def read_details(text: str) -> dict[str, Any]:
    """Return what `Trace.details` has written."""
    return cast("dict[str, Any]", msgspec.json.decode(text))
