"""Listing: a session as a list shows it, to its owner or to who administrates them; pure."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from app.http.wire import wire
from app.kit.rows import Row


def listed(rows: Iterable[Row], *, current: UUID) -> dict[str, Any]:
    """Return a whole list of sessions in its envelope; `current` is the session that asks."""
    data: list[dict[str, Any]] = [
        {
            "object": "session",
            **{name: row[name] for name in ("id", "ip", "user_agent", "connection_id")},
            **{name: wire(row[name]) for name in ("created_at", "last_seen_at", "expires_at", "auth_time")},
            "current": row["id"] == current,
        }
        for row in rows
    ]
    return {"object": "list", "data": data, "list_metadata": {"before": None, "after": None}}
