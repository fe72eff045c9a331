"""AuditCalls: WorkOS's Audit Logs, in a lane of their own and at a pace: nothing there stops anybody's sign-in."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.workos.asking import require_id
from app.workos.calls import Calls, Turn
from app.workos.errors import AuditEntryRefused, UpstreamRefused
from app.workos.records import AuditEntry

_ACTION = re.compile(r"[a-z][a-z0-9_.]{0,127}")
_OF_THIS_EVENT = frozenset({400, 409, 413, 422})


class AuditCalls:
    """The audit logs part of the port (see there)."""

    def __init__(self, calls: Calls, turn: Turn) -> None:
        """Take what gives each call its turn: WorkOS counts all calls of an API key, those of sign-ins too."""
        self._calls = calls
        self._turn = turn

    async def create_event(self, entry: AuditEntry, organization: str, idempotency_key: str) -> None:
        """Add an event. Sent once more if the connection failed: its key makes the second one nothing."""
        require_id(organization)
        body = {"organization_id": organization, "event": _told(entry)}
        try:
            async with self._turn():
                await self._calls.tell("audit_logs", "events", body=body, idempotency_key=idempotency_key)
        except UpstreamRefused as refused:
            # Which status an action without a schema is answered with is documented nowhere.
            if refused.extra.get("upstream_status") in _OF_THIS_EVENT:
                raise AuditEntryRefused(upstream_request_id=refused.extra.get("upstream_request_id")) from None
            raise

    async def create_schema(self, action: str, targets: Sequence[str], metadata: Sequence[str]) -> None:
        """Describe an action's events."""
        if not _ACTION.fullmatch(action):
            raise ValueError("an action is words with dots between")
        body: dict[str, Any] = {"targets": [{"type": kind} for kind in targets]}
        if metadata:
            body["metadata"] = {"type": "object", "properties": {name: {"type": "string"} for name in metadata}}
        async with self._turn():
            await self._calls.tell("audit_logs", "actions", action, "schemas", body=body)


def _told(entry: AuditEntry) -> dict[str, Any]:
    """Return an event as WorkOS takes it (workos.com/docs/reference/audit-logs/event/create)."""
    kind, identifier = entry.actor
    context = {"location": entry.location, "user_agent": entry.user_agent}
    return {
        "action": entry.action,
        "occurred_at": _instant(entry.occurred_at),
        "actor": {"type": kind, "id": identifier},
        "targets": [{"type": target, "id": value} for target, value in entry.targets],
        "context": {name: value for name, value in context.items() if value is not None},
        "metadata": dict(entry.metadata),
    }


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
