"""The roles of MemberPulse, lowest to highest."""

from collections.abc import Iterable
from typing import Final

PLATFORM_ADMIN: Final = "ROLE_PLATFORM_ADMIN"
CLIENT_ADMIN: Final = "ROLE_CLIENT_ADMIN"
CLIENT_USER: Final = "ROLE_CLIENT_USER"
MEMBER: Final = "ROLE_MEMBER"
SERVICE: Final = "service"

TITLES: Final = {
    PLATFORM_ADMIN: "Platform admin",
    CLIENT_ADMIN: "Client admin",
    CLIENT_USER: "Client user",
    MEMBER: "Member",
}
"""What the roles are called on pages, in the console's words."""

RANK: Final[dict[str, int]] = {MEMBER: 1, CLIENT_USER: 2, CLIENT_ADMIN: 3, PLATFORM_ADMIN: 4}
ADMINS: Final = frozenset({PLATFORM_ADMIN, CLIENT_ADMIN})


def lowers(before: Iterable[str], after: Iterable[str]) -> bool:
    """Return whether somebody loses a role and gains none above all of before: their tokens say too much then."""
    had, has = set(before), set(after)
    return bool(had - has) and not above(has, had)


def above(roles: Iterable[str], own: Iterable[str]) -> set[str]:
    """Return those of `roles` that rank above every role of `own`: nobody may grant or take them (threats.md E10)."""
    highest = max((RANK.get(role, 0) for role in own), default=0)
    return {role for role in roles if RANK[role] > highest}
