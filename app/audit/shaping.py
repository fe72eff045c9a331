"""Shaping: an event's wire shape, and its line in a spreadsheet that runs nothing of it. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec

from app.audit.chain import Verdict
from app.audit.chain_repository import Fault
from app.audit.reading_repository import Named
from app.audit.watching import OpenAlert
from app.http.wire import wire
from app.kit.rows import Row

COLUMNS: Final = (
    "occurred_at", "id", "organization_id", "action", "actor_type", "actor_id", "actor_name", "targets", "target_names",
    "ip", "user_agent", "request_id", "metadata",
)  # fmt: skip
"""The header of the CSV."""
# What begins so is a formula to spreadsheets, and an event may hold what a stranger typed (threats.md E14;
# owasp.org/www-community/attacks/CSV_Injection). Behind a semicolon or a tab too: where people write a comma in their
# numbers it is these that part cells.
_FORMULA: Final = re.compile(r"((?:^|[;\t\r\n]) *)(?=[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20])")
_KEEP: Final = (
    "Keep the database as it is, with its log and backups, and find out who has its owner's or a superuser's rights."
    " Compare with a backup, with the chain's ends in the log (audit.sealed) and with what was exported or forwarded."
)
_EXPLANATIONS: Final[dict[Fault, str]] = {
    "changed": "This event, or its seal, is not what was written.",
    "deleted": "This event was sealed and is not there any more.",
    "inserted": "This event was put into the record past the gateway, or its seal was taken away.",
    "seal_missing": "The seal before this event's is not there any more.",
    "cut_off": "The chain ends here, but was longer: later events, or their seals, were taken away.",
}
_parse = msgspec.json.decode
_json = msgspec.json.Encoder().encode


def ids_of(rows: Sequence[Row]) -> set[str]:
    """Return the ids that these events name, of who did and of what it was done to."""
    return {row["actor_id"] for row in rows} | {target["id"] for row in rows for target in _parse(row["targets"])}


def shape(row: Row, named: Named) -> dict[str, Any]:
    """Return an event's wire shape (contract.md)."""

    def party(kind: str, identifier: str) -> dict[str, str | None]:
        return {"type": kind, "id": identifier, "name": named.get((kind, identifier))}

    return {
        "object": "audit_event",
        "id": row["id"],
        "organization_id": row["organization_id"],
        "action": row["action"],
        "occurred_at": wire(row["occurred_at"]),
        "actor": party(row["actor_type"], row["actor_id"]),
        "targets": [party(target["type"], target["id"]) for target in _parse(row["targets"])],
        "context": {name: row[name] for name in ("ip", "user_agent", "request_id")},
        "metadata": _parse(row["metadata"]),
    }


def csv_lines(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return these cells as CSV (RFC 4180), none of which is a formula."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def csv_cells(event: dict[str, Any]) -> list[Any]:
    """Return the cells of an event in wire shape, in the order of `COLUMNS`."""
    actor, context, targets = event["actor"], event["context"], event["targets"]
    return [
        event["occurred_at"], event["id"], event["organization_id"], event["action"],
        actor["type"], actor["id"], actor["name"],
        "; ".join(f"{target['type']} {target['id']}" for target in targets),
        "; ".join(target["name"] or "" for target in targets) if any(target["name"] for target in targets) else "",
        context["ip"], context["user_agent"], context["request_id"],
        _json(event["metadata"]).decode() if event["metadata"] else "",
    ]  # fmt: skip


def ndjson_lines(events: Iterable[dict[str, Any]]) -> bytes:
    """Return these events in wire shape, one JSON object a line."""
    return b"".join(_json(event) + b"\n" for event in events)


def _safe(cell: Any) -> str:  # noqa: ANN401 -- whatever a cell shows
    text = "" if cell is None else str(cell)
    return _FORMULA.sub(r"\1'", text)


def verdict_shape(verdict: Verdict, owner: UUID | None) -> dict[str, Any]:
    """Return the wire shape of what verifying found (contract.md), of this organization or of all."""
    broken = verdict.broken
    return {
        "object": "audit_verification",
        "organization_id": owner,
        "intact": broken is None,
        "checked": verdict.checked,
        "sealed_through": wire(verdict.through),
        "unsealed": verdict.unsealed,
        "first_broken": broken and broken.event_id,
        "broken": broken
        and {
            "organization_id": broken.organization_id,
            "event_id": broken.event_id,
            "position": broken.position,
            "fault": broken.fault,
            "explanation": _EXPLANATIONS[broken.fault],
            "remedy": _KEEP,
        },
    }


def acknowledgement(alert: OpenAlert) -> dict[str, Any] | None:
    """Return the wire shape of who has looked at an alert and when; None where nobody has."""
    if alert.acknowledged_at is None:
        return None
    by = {"type": "user", "id": str(alert.acknowledged_by), "name": alert.acknowledged_by_name}
    return {"at": wire(alert.acknowledged_at), "by": by}


def alert_shape(alert: OpenAlert) -> dict[str, Any]:
    """Return an alert's wire shape."""
    return {
        "object": "alert",
        "id": alert.id,
        "organization_id": alert.organization_id,
        "kind": alert.kind,
        "title": alert.title,
        "since": wire(alert.since),
        "last_at": wire(alert.last_at),
        "count": alert.count,
        "acknowledged": acknowledgement(alert),
    }
