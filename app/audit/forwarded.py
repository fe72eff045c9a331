"""Forwarded: which events go to WorkOS's Audit Logs, with what of them, and the schema that WorkOS needs of each. Pure.

Of a tenant, what an auditor asks about. Who and what are told by id, as in the record itself: a person who is erased
here has left no name there. Metadata is told by name, one by one: what nobody wrote down here does not leave.
"""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from app.kit.rows import Row
from app.workos.records import AuditEntry

_LONGEST: Final = 500
"""Of a text of metadata (workos.com/docs/audit-logs)."""
_NOWHERE: Final = "gateway"
"""WorkOS wants a location of every event; the gateway's own deeds come from no address."""
_parse = msgspec.json.decode
_json = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Shape:
    """What WorkOS is told of an action's events: types of targets, and names of metadata."""

    targets: tuple[str, ...]
    metadata: tuple[str, ...] = ()


_OF_ORGANIZATION: Final = ("organization",)
_OF_CONNECTION: Final = ("connection",)
_OF_RUN: Final = ("directory_sync_run",)
_OF_PERSON: Final = ("user",)
ACTIONS: Final[dict[str, Shape]] = {
    "alert.acknowledged": Shape(("alert",), ("kind",)),
    "attribute_mappings.changed": Shape(_OF_ORGANIZATION, ("version", "mappings")),
    "audit.exported": Shape(_OF_ORGANIZATION, ("format", "filters", "since", "until")),
    "connection.certificate_expired": Shape(_OF_CONNECTION, ("expires_at", "days")),
    "connection.certificate_expiring": Shape(_OF_CONNECTION, ("expires_at", "days")),
    "connection.changed": Shape(_OF_CONNECTION, ("state",)),
    "directory.changed": Shape(("directory",), ("state",)),
    "directory.deleted": Shape(("directory",), ("people",)),
    "directory.sync_cancelled": Shape(_OF_RUN),
    "directory.sync_confirmed": Shape(_OF_RUN),
    "directory.sync_failed": Shape(_OF_RUN, ("problem",)),
    "directory.sync_requested": Shape(("directory",), ("mode",)),
    "directory.synced": Shape(("directory",), ("run",)),
    "organization.changed": Shape(_OF_ORGANIZATION, ("fields", "state")),
    "organization.created": Shape(_OF_ORGANIZATION),
    "organization.domain_changed": Shape(_OF_ORGANIZATION, ("domain", "state")),
    "organization.domain_removed": Shape(_OF_ORGANIZATION, ("domain",)),
    "portal.link.created": Shape(_OF_ORGANIZATION, ("intent", "provider")),
    "portal.links.revoked": Shape(("user", "organization")),
    "role_mappings.changed": Shape(_OF_ORGANIZATION, ("version", "rules")),
    "session.ended": Shape(("session",), ("reason",)),
    "sso.configuration.changed": Shape(("organization", "connection"), ("protocol", "source", "certificates")),
    "sso.configuration.checked": Shape(("organization", "connection"), ("protocol", "source", "certificates")),
    "sso.login.completed": Shape(("session", "connection"), ("created", "roles")),
    "sso.login.failed": Shape(("connection", "organization"), ("problem",)),
    "sso.policy.changed": Shape(_OF_ORGANIZATION, ("changes", "locked_out")),
    "sso.test.finished": Shape(_OF_CONNECTION, ("test", "status")),
    "sso.test.started": Shape(_OF_CONNECTION, ("test",)),
    "user.changed": Shape(_OF_PERSON),
    "user.deactivated": Shape(_OF_PERSON),
    "user.email_changed": Shape(_OF_PERSON, ("conflict",)),
    "user.manual_roles_changed": Shape(_OF_PERSON, ("roles", "before")),
    "user.provisioned": Shape(_OF_PERSON, ("role",)),
    "user.reactivated": Shape(_OF_PERSON),
    "user.role_changed": Shape(_OF_PERSON, ("role", "before")),
}
"""Action -> what is forwarded of it. To add one: a line here, then `memberpulse-auth audit-schemas`."""
KEPT_HERE: Final = frozenset({"outbox.replayed", "webhook.replayed"})
"""Operators' upkeep in a tenant's record. What the platform does to itself (settings, keys) stands in no tenant's."""


def entry(row: Row, organization: UUID) -> AuditEntry:
    """Return an event of a forwarded action as WorkOS is told it; of no target it is the organization's own."""
    told = _parse(row["metadata"])
    return AuditEntry(
        action=row["action"],
        occurred_at=row["occurred_at"],
        actor=(row["actor_type"], row["actor_id"]),
        targets=tuple((target["type"], target["id"]) for target in _parse(row["targets"]))
        or (("organization", str(organization)),),
        location=row["ip"] or _NOWHERE,
        user_agent=row["user_agent"],
        metadata={name: _text(told[name]) for name in ACTIONS[row["action"]].metadata if told.get(name) is not None},
    )


def _text(value: Any) -> str:  # noqa: ANN401 -- JSON
    return (value if isinstance(value, str) else _json(value).decode())[:_LONGEST]
