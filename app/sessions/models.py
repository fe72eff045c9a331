"""Tables of sessions: the sessions, what became stale in them, and the keys that sign their tokens."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.base import Base, Key, tenant_fk


class Session(Base):
    """A browser's session. Only the SHA-256 of its cookie is kept (threats.md B19)."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint("secret_hash"),
        Index(None, "organization_id", "user_id"),
        tenant_fk("user_id", "users", ondelete="CASCADE"),
        tenant_fk("connection_id", "connections"),
        # Room for the idle stamp on the same page, so that stamping touches no index (HOT updates).
        {"postgresql_with": {"fillfactor": 70}},
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    connection_id: Mapped[UUID | None]
    profile_id: Mapped[str | None]
    # A break-glass session acts for the platform organization without belonging to it.
    acting_organization_id: Mapped[UUID | None] = mapped_column(ForeignKey("organizations.id"))
    amr: Mapped[list[str]] = mapped_column(ARRAY(Text))
    auth_time: Mapped[datetime]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]
    ip: Mapped[str | None]
    user_agent: Mapped[str | None]


class StaleSession(Base):
    """What every process must forget of its cached sessions: one session, one person's, one tenant's, one key's.

    Where it `voids`, other services must not take tokens of these that were minted before `numbered_at`: then it has a
    `position` in the feed that they read, given after its transaction has committed (revocations.py).
    """

    __tablename__ = "stale_sessions"
    __table_args__ = (
        CheckConstraint("kind in ('sid','sub','org','kid')", name="kind"),
        Index(None, "xid"),
        Index("uq_stale_sessions_position", "position", unique=True, postgresql_where=text("position is not null")),
        Index("ix_stale_sessions_unnumbered", "seq", postgresql_where=text("voids and position is null")),
    )

    seq: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    # A reader that remembers snapshot xmin misses nothing; a serial can commit out of order.
    xid: Mapped[int] = mapped_column(BigInteger, server_default=text("(pg_current_xact_id()::text::bigint)"))
    kind: Mapped[str]
    value: Mapped[str]
    created_at: Mapped[datetime]
    voids: Mapped[bool] = mapped_column(server_default=text("false"))
    position: Mapped[int | None] = mapped_column(BigInteger)
    numbered_at: Mapped[datetime | None]


class RevocationFeed(Base):
    """The last position given in the feed of revocations; its lock is how one process at a time gives them."""

    __tablename__ = "revocation_feeds"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)


class SigningKey(Base):
    """A key of the JWKS: next -> active -> retiring -> retired, or compromised (threats.md 5.4)."""

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint("alg in ('ES256','RS256')", name="alg"),
        CheckConstraint("status in ('next','active','retiring','retired','compromised')", name="status"),
        Index("uq_signing_keys_active", "alg", unique=True, postgresql_where=text("status = 'active'")),
    )

    kid: Mapped[str] = mapped_column(primary_key=True)
    alg: Mapped[str]
    status: Mapped[str]
    public_jwk: Mapped[dict[str, Any]] = mapped_column(JSONB)
    private_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    activated_at: Mapped[datetime | None]
    retiring_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class BreakGlassToken(Base):
    """A one-use token of `memberpulse-auth admin-link`; hashed, ten minutes."""

    __tablename__ = "break_glass_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
