"""The roles of MemberPulse, lowest to highest."""

from typing import Final

PLATFORM_ADMIN: Final = "ROLE_PLATFORM_ADMIN"
CLIENT_ADMIN: Final = "ROLE_CLIENT_ADMIN"
CLIENT_USER: Final = "ROLE_CLIENT_USER"
MEMBER: Final = "ROLE_MEMBER"
SERVICE: Final = "service"

RANK: Final[dict[str, int]] = {MEMBER: 1, CLIENT_USER: 2, CLIENT_ADMIN: 3, PLATFORM_ADMIN: 4}
ADMINS: Final = frozenset({PLATFORM_ADMIN, CLIENT_ADMIN})
