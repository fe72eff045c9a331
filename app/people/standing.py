"""Standing: which roles count, and who manages a person; pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Literal

from app.access.roles import MEMBER, PLATFORM_ADMIN

Shown = Literal["active", "inactive"]
STATES: Final[Mapping[str, Shown]] = {"active": "active", "deactivated": "inactive"}
STORED: Final[Mapping[Shown, str]] = {shown: stored for stored, shown in STATES.items()}


def in_force(mapped: str, manual: Sequence[str], *, is_platform: bool) -> tuple[str, ...]:
    """Return the roles that count, as a session of the person has them."""
    roles = manual if mapped in manual else (mapped, *manual)
    return tuple(role for role in roles if is_platform or role != PLATFORM_ADMIN) or (MEMBER,)


def managed_by(directories: Collection[str], *, signed_in: bool) -> Literal["directory", "sso"] | None:
    """Return who says whether the person is let in, by the states in which directories know them."""
    if "active" in directories or (directories and "unmanaged" not in directories):
        return "directory"
    return "sso" if signed_in else None
