"""Every statement over audit_events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch
from app.kit.rows import Row
from app.uow import UnitOfWork

# In one statement with what waits to be sealed: an event without it would be taken for a forged one.
_APPEND = """
with queued as (insert into audit_unsealed (organization_id, event_id) values ($2, $1))
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, ip, user_agent,
                          request_id, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_APPEND_MANY = """
with queued as (insert into audit_unsealed (organization_id, event_id) select $1, id from unnest($8::uuid[]) as id)
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, ip, user_agent,
                          request_id, metadata)
select a.id, $1, a.action, $2, $3, $4, a.targets::jsonb, $5, $6, $7, a.metadata::jsonb
from unnest($8::uuid[], $9::text[], $10::text[], $11::text[]) as a (id, action, targets, metadata)
"""
# The action stands in the statement itself: only so does the planner see that the partial index holds them all.
_MANUAL_ROLES = """
select actor_type, actor_id, occurred_at, metadata::text as metadata from audit_events
where organization_id = $1 and action = 'user.manual_roles_changed' and targets @> $2::jsonb
order by occurred_at, id
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

    async def append_many(self, events: Sequence[Event]) -> None:
        """Insert events of one actor and one instant."""
        origin, first = self._uow.actor, events[0]
        await fetch(
            self._uow.driver,
            _APPEND_MANY,
            self._organization,
            first.occurred_at,
            first.actor_type,
            first.actor_id,
            origin.ip,
            origin.user_agent,
            origin.request_id,
            [event.id for event in events],
            [event.action for event in events],
            [event.targets for event in events],
            [event.metadata for event in events],
        )

    async def manual_roles(self, targets: str) -> Sequence[Row]:
        """Return how manual roles of the person in `targets` (JSON) were changed, the first change first."""
        return await fetch(self._uow.driver, _MANUAL_ROLES, self._organization, targets)
