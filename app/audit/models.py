"""Table of the audit record: INSERT and SELECT only, by grant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key


class AuditEvent(Base):
    """One privileged act or login. Ids only: erasing a person leaves no name behind (contract.md)."""

    __tablename__ = "audit_events"
    __table_args__ = (
        Index(None, "organization_id", "occurred_at", "id"),
        Index(None, "occurred_at", "id"),
        Index(
            "ix_audit_events_manual_roles",
            "organization_id",
            "occurred_at",
            postgresql_where=text("action = 'user.manual_roles_changed'"),
        ),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    action: Mapped[str]
    occurred_at: Mapped[datetime]
    actor_type: Mapped[str]
    actor_id: Mapped[str]
    targets: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]
    request_id: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
