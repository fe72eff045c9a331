"""Tables of the inbox: events as they came, and which version of each object has been applied."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key

WAITING = "status in ('pending', 'dead') or (status = 'parked' and organization_id is not null)"
"""What is not applied, and is somebody's or may be."""
HEALED = "source = 'events_api' and webhook_at is null"
"""What no webhook has brought."""


class WebhookEvent(Base):
    """One event of WorkOS, kept as received; its tenant is known once a worker has found whose object it is about."""

    __tablename__ = "webhook_events"
    __table_args__ = (
        CheckConstraint("source in ('webhook','events_api','replay')", name="source"),
        CheckConstraint("status in ('pending','done','skipped','parked','dead')", name="status"),
        Index("ix_webhook_events_due", "due_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_webhook_events_stream", "stream", "due_at", "id", postgresql_where=text("status = 'pending'")),
        Index("ix_webhook_events_person", "person", postgresql_where=text("payload is not null")),
        Index("ix_webhook_events_waits_for", "waits_for", postgresql_where=text("status = 'parked'")),
        Index("ix_webhook_events_dead", "id", postgresql_where=text("status = 'dead'")),
        Index("ix_webhook_events_failed", "id", postgresql_where=text("status in ('dead', 'parked')")),
        Index(
            "ix_webhook_events_waiting",
            "occurred_at",
            postgresql_where=text(
                "status in ('pending', 'dead') or (status = 'parked' and organization_id is not null)"
            ),
        ),
        Index(
            "ix_webhook_events_healed",
            "received_at",
            postgresql_where=text(HEALED),
        ),
        Index(None, "organization_id", "id"),
        Index(None, "received_at"),
    )

    id: Mapped[Key]
    event_id: Mapped[str] = mapped_column(unique=True)
    event: Mapped[str]
    # bytea, not jsonb: that refuses NUL and lone surrogates, and one bad message would block the queue (threats D8).
    payload: Mapped[bytes | None]
    source: Mapped[str]
    status: Mapped[str]
    attempts: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    last_error: Mapped[str | None]
    organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    waits_for: Mapped[str | None]
    # The directory whose people it is about: what one batch may hold. Null: applied alone.
    stream: Mapped[str | None]
    # WorkOS's id of the person whose data its payload holds.
    person: Mapped[str | None]
    due_at: Mapped[datetime | None]
    occurred_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    # When its webhook came, of what WorkOS's list brought first; null: none came.
    webhook_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class ObjectVersion(Base):
    """The newest version of one of WorkOS's objects that was applied; also the tombstone of one that is gone."""

    __tablename__ = "object_versions"
    __table_args__ = (Index(None, "at"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    object_id: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    event_id: Mapped[str]


class EventPoll(Base):
    """How far the Events API has been read; one row. `wanted_since`: what happened since then is to be read again.

    `reading_`: the reading that was begun and has not come to its end: when it began, what was wanted then, from which
    instant it asks now, and the last event of that question that it has kept.
    """

    __tablename__ = "event_polls"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    read_to: Mapped[datetime | None]
    wanted_since: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    last_error: Mapped[str | None]
    reading_begun: Mapped[datetime | None]
    reading_wanted: Mapped[datetime | None]
    reading_since: Mapped[datetime | None]
    reading_after: Mapped[str | None]
