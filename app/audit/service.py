"""Verbs of the audit record."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from app.audit.repository import AuditEvents
from app.uow import UnitOfWork

_USER_AGENT_CHARACTERS = 512


async def record(
    uow: UnitOfWork,
    action: str,
    *,
    targets: Sequence[tuple[str, UUID | str]] = (),
    actor: tuple[str, UUID | str] | None = None,
    **metadata: Any,  # noqa: ANN401 -- JSON
) -> None:
    """Append one event to the unit's organization, in the unit's own transaction.

    Args:
        uow: the unit of the deed.
        action: dotted, past tense (`sso.login.completed`).
        targets: (type, id) of what was acted upon.
        actor: (type, id), when it is not the unit's actor: a sign-in finds out who acts.
        metadata: JSON values; ids, no names.
    """
    who = actor or (uow.actor.type, uow.actor.id)
    await AuditEvents(uow, uow.tenant).append(
        action,
        actor=(who[0], str(who[1])),
        targets=[{"type": kind, "id": str(identifier)} for kind, identifier in targets],
        metadata=metadata,
    )
