"""Every statement over audit_events."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from app.db.driver import fetch
from app.uow import UnitOfWork

_APPEND = """
insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, ip, user_agent,
                          request_id, metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""
_json = msgspec.json.Encoder().encode


class AuditEvents:
    """Audit events of one tenant."""

    def __init__(self, uow: UnitOfWork, organization: UUID) -> None:
        self._uow = uow
        self._organization = organization

    async def append(
        self, action: str, *, actor: tuple[str, str], targets: Sequence[Mapping[str, str]], metadata: Mapping[str, Any]
    ) -> None:
        """Insert one event at the unit's instant. Driver-level: it is part of every sign-in."""
        origin = self._uow.actor
        await fetch(
            self._uow.driver,
            _APPEND,
            self._uow.ids.uuid(),
            self._organization,
            action,
            self._uow.now,
            *actor,
            _json(targets).decode(),
            origin.ip,
            origin.user_agent,
            origin.request_id,
            _json(metadata).decode(),
        )
