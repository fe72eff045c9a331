"""Every statement over audit_events."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch
from app.uow import UnitOfWork

_APPEND = """
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, ip, user_agent,
                          request_id, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, when and by whom; `targets` and `metadata` are JSON."""

    id: UUID
    action: str
    occurred_at: datetime
    actor_type: str
    actor_id: str
    targets: str
    metadata: str


class AuditEvents:
    """Audit events of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        self._uow = uow
        self._organization = organization

    async def append(self, event: Event) -> None:
        """Insert one event, with the unit's address, browser and request. Driver-level: part of every sign-in."""
        origin = self._uow.actor
        await fetch(
            self._uow.driver,
            _APPEND,
            event.id,
            self._organization,
            event.action,
            event.occurred_at,
            event.actor_type,
            event.actor_id,
            event.targets,
            origin.ip,
            origin.user_agent,
            origin.request_id,
            event.metadata,
        )
