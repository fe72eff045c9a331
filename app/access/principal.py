"""Principal: who is asking, as the guard found it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.access.permissions import Reach, reach


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
