"""Tables of background work: when each periodic job ran last, and the outbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key


class PeriodicJob(Base):
    """One line of `app/jobs.py`'s table of periodic work."""

    __tablename__ = "periodic_jobs"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_run_at: Mapped[datetime]
    last_error: Mapped[str | None]


class OutboxJob(Base):
    """Work that needs the network, written in the transaction of the deed that wants it.

    `pending` until it is due, `running` while a worker has the lease, `done`, or `dead` with a reason in words.
    `attempts` counts who took it (the right to it), `failures` what it failed by itself.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("status in ('pending','running','done','dead')", name="status"),
        Index(
            "uq_outbox_pending",
            "organization_id",
            "job",
            "key",
            unique=True,
            postgresql_where=text("status = 'pending'"),
        ),
        Index("ix_outbox_due", "due_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_outbox_running", "leased_until", postgresql_where=text("status = 'running'")),
        Index("ix_outbox_dead", "created_at", "id", postgresql_where=text("status = 'dead'")),
        Index("ix_outbox_done", "done_at", postgresql_where=text("status = 'done'")),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    job: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    status: Mapped[str] = mapped_column(server_default=text("'pending'"))
    attempts: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    failures: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    request_id: Mapped[str | None]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
