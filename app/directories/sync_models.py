"""Tables of full syncs: the runs, and the pages of the listings that they have read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key, tenant_fk


class SyncRun(Base):
    """One full sync of a directory: what was asked, how far it is, what it changed or would change."""

    __tablename__ = "directory_sync_runs"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        CheckConstraint("mode in ('apply','plan')", name="mode"),
        CheckConstraint(
            "status in ('queued','running','needs_confirmation','completed','failed','cancelled')", name="status"
        ),
        tenant_fk("directory_id", "directories"),
        Index(
            "uq_directory_sync_runs_running",
            "organization_id",
            "directory_id",
            unique=True,
            postgresql_where=text("status in ('queued','running')"),
        ),
        Index("ix_directory_sync_runs_due", "created_at", postgresql_where=text("status in ('queued','running')")),
        Index(None, "organization_id", "directory_id", "id"),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    directory_id: Mapped[UUID]
    mode: Mapped[str]
    status: Mapped[str]
    requested_by: Mapped[str]
    confirmed_by: Mapped[str | None]
    phase: Mapped[str] = mapped_column(server_default=text("'groups'"))
    cursor: Mapped[str | None]
    group_after: Mapped[str | None]
    pages: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    users_seen: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    groups_seen: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    users_expected: Mapped[int | None] = mapped_column(BigInteger)
    changes: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    plan: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    fingerprint: Mapped[str | None]
    error_code: Mapped[str | None]
    error: Mapped[str | None]
    # How often it was taken up: of two workers that hold it, the later one. `failures`: in a row, since the last page.
    failures: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    attempts: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    leased_until: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class SyncPage(Base):
    """One page of a listing as it came, its columns as arrays: staged until the run ends, so that a run resumes."""

    __tablename__ = "directory_sync_pages"
    __table_args__ = (
        CheckConstraint("kind in ('group','user','member')", name="kind"),
        tenant_fk("run_id", "directory_sync_runs", ondelete="CASCADE"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    kind: Mapped[str]
    group_workos_id: Mapped[str | None]
    row_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    workos_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    idp_ids: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    names: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    emails: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    folded: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    first_names: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    last_names: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    departments: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    job_titles: Mapped[list[str | None] | None] = mapped_column(ARRAY(Text))
    attributes: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    states: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    ats: Mapped[list[datetime] | None] = mapped_column(ARRAY(DateTime(timezone=True)))
