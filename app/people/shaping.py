"""Shaping: a person's row as the API shows it (contract.md); pure."""

import json
from typing import Any

from app.http.wire import wire
from app.kit.rows import Row
from app.people.standing import STATES, in_force, managed_by

_PLAIN = ("id", "organization_id", "email", "first_name", "last_name", "department", "job_title")


def shape(row: Row, *, platform: str | None) -> dict[str, Any]:
    """Return a person's wire shape; `platform` is WorkOS's id of the platform's own organization."""
    known = json.loads(row["directory_users"])
    is_platform = platform is not None and row["organization_workos_id"] == platform
    roles = in_force(row["mapped_role"], row["manual_roles"], is_platform=is_platform)
    states = {entry["state"] for entry in known}
    return {
        "object": "user",
        **{name: row[name] for name in _PLAIN},
        "state": STATES[row["state"]],
        "deactivated_by": row["deactivated_by"] if row["state"] != "active" else None,
        "mapped_role": row["mapped_role"],
        "manual_roles": row["manual_roles"],
        "roles": roles if row["state"] == "active" else (),
        "managed_by": managed_by(states, signed_in=row["last_login_at"] is not None),
        "directory_users": known,
        "sessions_count": row["sessions_count"],
        **{name: wire(row[name]) for name in ("last_login_at", "created_at", "updated_at")},
    }
