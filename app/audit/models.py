"""Tables of the audit record and of its hash chain: INSERT and SELECT only, by grant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
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


class UnsealedEvent(Base):
    """An event that waits to be sealed, written with it. Who writes an event past the gateway leaves none."""

    __tablename__ = "audit_unsealed"
    __table_args__ = (PrimaryKeyConstraint("organization_id", "event_id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    event_id: Mapped[UUID]


class Seal(Base):
    """One event's place in its organization's chain: SHA-256 of the seal before it and of all that the event holds.

    No foreign key to the event: a deleted event is to be found, and named, by the seal that it leaves behind.
    """

    __tablename__ = "audit_seals"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "position"),
        UniqueConstraint("organization_id", "event_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    position: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID]
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]


class ChainHead(Base):
    """The end of an organization's chain; `through` is when the newest sealed event happened."""

    __tablename__ = "audit_heads"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[bytes] = mapped_column(LargeBinary)
    through: Mapped[datetime | None]


class AuditCursor(Base):
    """How far a reader of an organization's sealed events is: one that forwards them, one that looks for alerts."""

    __tablename__ = "audit_cursors"
    __table_args__ = (PrimaryKeyConstraint("organization_id", "reader"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    reader: Mapped[str]
    position: Mapped[int] = mapped_column(BigInteger)
    begun_at: Mapped[datetime]


class RefusedEvent(Base):
    """An event that WorkOS has refused so far; `since` when, and when it is to be sent again."""

    __tablename__ = "audit_refused"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "event_id"),
        Index(None, "organization_id", "due_at", "event_id"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    event_id: Mapped[UUID]
    action: Mapped[str]
    since: Mapped[datetime]
    tries: Mapped[int] = mapped_column(BigInteger)
    due_at: Mapped[datetime]


class Alert(Base):
    """Something unusual in an organization's record; open until it has not happened again for a while.

    Acknowledged by a person of any organization: a platform admin may be of another.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        CheckConstraint(
            "kind in ('failed_sign_ins','failed_sign_ins_from_address','new_administrator','mass_change',"
            "'secret_changed','break_glass_used')",
            name="kind",
        ),
        Index(
            "uq_alerts_open",
            "organization_id",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    kind: Mapped[str]
    subject: Mapped[str]
    since: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(BigInteger)
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB)
    closed_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[UUID | None]
