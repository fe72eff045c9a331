"""Verbs of the audit record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.audit.repository import AuditEvents, Event
from app.kit.ids import Ids
from app.kit.rows import Row
from app.uow import UnitOfWork

MANUAL_ROLES_CHANGED: Final = "user.manual_roles_changed"
_AT_ONCE: Final = 2_000
_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Deed:
    """One of many things that a unit did: what, to what, and details (JSON values; ids, no names)."""

    action: str
    target: tuple[str, UUID | str]
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


def prepare(  # noqa: PLR0913 -- each is a column
    ids: Ids,
    now: datetime,
    action: str,
    *,
    actor: tuple[str, UUID | str],
    targets: Sequence[tuple[str, UUID | str]],
    metadata: Mapping[str, Any],
) -> Event:
    """Return an event that happened `now`; the arguments are those of `record`."""
    kind, identifier = actor
    return Event(
        id=ids.uuid(),
        action=action,
        occurred_at=now,
        actor_type=kind,
        actor_id=str(identifier),
        targets=_json([{"type": target, "id": str(value)} for target, value in targets]).decode(),
        metadata=_json(metadata).decode(),
    )


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
    event = prepare(uow.ids, uow.now, action, actor=who, targets=targets, metadata=metadata)
    await AuditEvents(uow, uow.tenant).append(event)


async def record_many(uow: UnitOfWork, deeds: Sequence[Deed]) -> None:
    """Append an event for each of these deeds of the unit's actor, two thousand in one statement."""
    who = (uow.actor.type, uow.actor.id)
    for start in range(0, len(deeds), _AT_ONCE):
        events = [
            prepare(uow.ids, uow.now, deed.action, actor=who, targets=[deed.target], metadata=deed.metadata)
            for deed in deeds[start : start + _AT_ONCE]
        ]
        await AuditEvents(uow, uow.tenant).append_many(events)


async def manual_roles(uow: UnitOfWork, user: UUID) -> dict[str, Row]:
    """Return, for each manual role that a person of the unit's tenant was ever given, how it was given last."""
    targets = _json([{"type": "user", "id": str(user)}]).decode()
    given: dict[str, Row] = {}
    for event in await AuditEvents(uow, uow.tenant).manual_roles(targets):
        told = msgspec.json.decode(event["metadata"])
        given |= dict.fromkeys(set(told["roles"]).difference(told["before"]), event)
    return given
