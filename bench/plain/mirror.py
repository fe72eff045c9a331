"""Tables of directory sync in the plain project."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bench.plain.database import Base
from bench.plain.models import User


class WebhookEvent(Base):
    """One event as it came."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        Index("ix_events_due", "status", "due_at", "id"),
        Index(None, "organization_id", "id"),
        Index(None, "received_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    source: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_error: Mapped[str | None]
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    due_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    stream: Mapped[str | None]


class Directory(Base):
    """A directory."""

    __tablename__ = "directories"
    __table_args__ = (UniqueConstraint("organization_id", "id"), Index(None, "workos_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    workos_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    last_synced_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DirectoryMembership(Base):
    """Who is in which group."""

    __tablename__ = "directory_memberships"
    __table_args__ = (Index(None, "organization_id", "directory_user_id"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("directory_groups.id"), primary_key=True)
    directory_user_id: Mapped[UUID] = mapped_column(ForeignKey("directory_users.id"), primary_key=True, index=True)
    member: Mapped[bool] = mapped_column(server_default=text("true"))
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    touched_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class DirectoryGroup(Base):
    """A group."""

    __tablename__ = "directory_groups"
    __table_args__ = (UniqueConstraint("organization_id", "directory_id", "workos_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    directory_id: Mapped[UUID] = mapped_column(ForeignKey("directories.id"))
    workos_id: Mapped[str]
    idp_id: Mapped[str | None]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    role: Mapped[str | None]
    rule_position: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    touched_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class DirectoryUser(Base):
    """A person of a directory."""

    __tablename__ = "directory_users"
    __table_args__ = (
        UniqueConstraint("organization_id", "directory_id", "workos_id"),
        Index("ix_listing", "organization_id", "directory_id", "id"),
        Index("ix_person", "organization_id", "user_id"),
        Index("ix_email", "organization_id", "email_lower"),
        ForeignKeyConstraint(["organization_id", "user_id"], ["users.organization_id", "users.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    directory_id: Mapped[UUID] = mapped_column(ForeignKey("directories.id"))
    workos_id: Mapped[str]
    user_id: Mapped[UUID | None]
    idp_id: Mapped[str | None]
    email: Mapped[str | None]
    email_lower: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    department: Mapped[str | None]
    job_title: Mapped[str | None]
    state: Mapped[str]
    custom_attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # Filled like everybody's by the bench; the plain project makes its JSON from the row.
    shown: Mapped[str] = mapped_column(Text, server_default=text("''"), deferred=True)
    at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    touched_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    user: Mapped[User | None] = relationship(overlaps="organization")
    groups: Mapped[list[DirectoryGroup]] = relationship(secondary=DirectoryMembership.__table__, viewonly=True)

    @property
    def roles(self) -> list[str]:
        """Return the person's roles."""
        return [self.user.mapped_role] if self.user else []


class DirectorySyncRun(Base):
    """One full sync."""

    __tablename__ = "directory_sync_runs"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    directory_id: Mapped[UUID] = mapped_column(ForeignKey("directories.id"))
    mode: Mapped[str]
    status: Mapped[str]
    requested_by: Mapped[str]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
