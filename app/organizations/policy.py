"""Policy: how the people of a tenant sign in, and the pure decisions it implies."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID

import idna

from app.access.roles import ADMINS

Jit = Literal["never", "without_directory", "always"]
_LONGEST = 253  # RFC 1035 section 2.3.4
_PLAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
ADMIN_ABSOLUTE = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a sign-in needs of a tenant's policy. Lifetimes are seconds."""

    jit_provisioning: Jit
    default_role: str
    allow_foreign_domains: bool
    session_idle_seconds: int
    session_absolute_seconds: int

    def lifetime(self, roles: tuple[str, ...]) -> timedelta:
        """Return how long a session may live at most: 12 hours for admins at the latest (contract.md)."""
        longest = timedelta(seconds=self.session_absolute_seconds)
        return min(longest, ADMIN_ABSOLUTE) if ADMINS.intersection(roles) else longest

    def provisions(self, *, directory_decides: bool) -> bool:
        """Return whether a person nobody knows yet may be created at sign-in."""
        return provisions(self.jit_provisioning, directory_decides=directory_decides)


def provisions(jit: Jit, *, directory_decides: bool) -> bool:
    """Return whether a sign-in may create a person nobody knows, by the just-in-time policy."""
    return jit == "always" or (jit == "without_directory" and not directory_decides)


def chosen_connection(active: Collection[UUID], default: UUID | None) -> UUID | None:
    """Return which of a tenant's active connections a sign-in takes: the default one, else the only one.

    None with several of which none is the default: WorkOS decides, and may refuse to.
    """
    if default in active:
        return default
    return next(iter(active)) if len(active) == 1 else None


def domain_of(email: str) -> str | None:
    """Return the domain of an e-mail address in its ASCII form (RFC 5891), lower-cased; None if it has none."""
    local, at, domain = email.strip().rpartition("@")
    if not at or not local or not domain:
        return None
    return normalise_domain(domain)


def normalise_domain(domain: str) -> str | None:
    """Return a domain name in its ASCII form (RFC 5891), lower-cased, without a trailing dot; None if it is none.

    What is ASCII already is taken as registries have it, `ab--cd.example` included.
    """
    text = domain.strip().rstrip(".").lower()
    if len(text) <= _LONGEST and _PLAIN.fullmatch(text) and "xn--" not in text:
        return text
    try:
        # As browsers do it. Python's own codec has the rules of 2003, by which strasse and straße are one domain.
        ascii_text = idna.encode(text, uts46=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return None
    valid = 0 < len(ascii_text) <= 253 and all(part.replace("-", "").isalnum() for part in ascii_text.split("."))  # noqa: PLR2004 -- RFC 1035
    return ascii_text if valid else None
