"""Principal: who is asking, as the guard found it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access.errors import NotPermitted
from app.access.permissions import Reach, reach
from app.access.roles import PLATFORM_ADMIN


@dataclass(frozen=True, slots=True)
class Principal:
    """A person with a live session; it acts for `organization_id` and belongs to `home_organization_id`."""

    user_id: UUID
    organization_id: UUID
    home_organization_id: UUID
    session_id: UUID
    roles: tuple[str, ...]
    auth_time: datetime

    def reach(self, permission: str) -> Reach | None:
        """Return how far this person holds the permission: `all`, `own` organization, or None."""
        return reach(permission, self.roles)


@dataclass(frozen=True, slots=True)
class Service:
    """A backend service that proved its client credentials (HTTP Basic, RFC 6749 section 2.3.1)."""

    client_id: str
    scopes: frozenset[str]


def require_operator_at_home(organization: str | None, *, platform: str | None, own: Collection[str]) -> None:
    """Refuse whoever is no operator what decides who is one, and whether they come in (threats.md E10).

    Args:
        organization: WorkOS's id of the organization that is to be changed.
        platform: that of the one whose people may be platform administrators; of any other nobody is refused.
        own: the roles of who asks.

    Raises:
        NotPermitted: the caller could become more than they are, or shut out who is.
    """
    if platform is not None and organization == platform and PLATFORM_ADMIN not in own:
        raise NotPermitted("Only an operator changes who tells of the platform's own people, and how they come in.")
