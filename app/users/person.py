"""Person: what single sign-on and directories both produce."""

import string
from dataclasses import dataclass
from typing import Final

# Not str.lower(): it maps the Kelvin sign to k, so that somebody else's address would equal yours.
_LOWERED: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


def fold(email: str) -> str:
    """Return the form in which addresses are compared: the letters A to Z in lower case, all others as they are."""
    return email.lower() if email.isascii() else email.translate(_LOWERED)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody as an identity provider describes them, mapped to our fields."""

    idp_id: str
    profile_id: str
    email: str
    first_name: str
    last_name: str
    department: str | None = None
    job_title: str | None = None
    groups: tuple[str, ...] = ()
