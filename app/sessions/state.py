"""SessionState: a live session with everything that a token or /auth/session says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from app.access.permissions import held_by
from app.access.roles import MEMBER, PLATFORM_ADMIN
from app.http.wire import wire
from app.kit.rows import Row
from app.organizations.repository import NIL
from app.tokens.live import LiveSession

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionState(LiveSession):
    """A row of `session_touch` or `session_live`; `document` is its wire JSON, made once (speed.md)."""

    amr: tuple[str, ...]
    created_at: datetime
    connection_id: UUID | None
    document: bytes


@lru_cache(maxsize=64)
def _permissions(roles: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(held_by(roles))


def to_state(row: Row, *, platform: str | None) -> SessionState:
    """Return the state of a database row; `platform` is WorkOS's id of PLATFORM_ORGANIZATION."""
    emergency = bool(row["acting_organization_id"]) or row["organization_id"] == NIL
    roles = _in_force(row["roles"], may_be_platform=emergency or row["organization_workos_id"] == platform)
    return SessionState(
        sid=row["id"],
        user_id=row["user_id"],
        organization_id=row["organization_id"],
        roles=roles,
        ver=row["rights_version"],
        auth_time=row["auth_time"],
        expires_at=row["expires_at"],
        idle_expires_at=row["idle_expires_at"],
        home_organization_id=NIL if emergency else row["organization_id"],
        amr=tuple(row["amr"]),
        created_at=row["created_at"],
        connection_id=row["connection_id"],
        document=_encode(_document(row, roles)),
    )


def _in_force(stored: Sequence[str], *, may_be_platform: bool) -> tuple[str, ...]:
    """A tenant that is not, or no longer, the platform's own makes nobody a platform administrator."""
    roles = tuple(role for role in stored if may_be_platform or role != PLATFORM_ADMIN)
    return roles or (MEMBER,)


def _document(row: Row, roles: tuple[str, ...]) -> dict[str, Any]:
    """Shape GET /auth/session (contract.md, "Shapes other programs rely on")."""
    organization = row["organization_id"]
    return {
        "user": {
            "id": row["user_id"],
            "email": row["email"],
            "first_name": row["first_name"],
            "last_name": row["last_name"],
            "department": row["department"],
            "job_title": row["job_title"],
        },
        "organization": None
        if organization == NIL
        else {
            "id": organization,
            "workos_id": row["organization_workos_id"],
            "name": row["organization_name"],
        },
        "roles": roles,
        "permissions": _permissions(roles),
        "session": {
            "id": row["id"],
            "created_at": wire(row["created_at"]),
            "expires_at": wire(row["expires_at"]),
            "idle_expires_at": wire(min(row["idle_expires_at"], row["expires_at"])),
            "auth_time": wire(row["auth_time"]),
            "connection_id": row["connection_id"],
        },
    }
