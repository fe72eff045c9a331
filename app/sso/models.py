"""Tables of the sign-in journey: the one-time state between /auth/sso and the callback, and what became of each."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, tenant_fk


class LoginFlow(Base):
    """One started sign-in. State and cookie are hashed, the PKCE verifier is sealed (threats.md A1, A17)."""

    __tablename__ = "login_flows"
    __table_args__ = (
        Index(None, "expires_at"),
        CheckConstraint("kind in ('login','confirm','test')", name="kind"),
        tenant_fk("connection_id", "connections", ondelete="CASCADE"),
    )

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    cookie_hash: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    connection_id: Mapped[UUID | None]
    # The PKCE verifier (kinds login and test), or the profile that waits for a person's yes (kind confirm).
    verifier: Mapped[bytes] = mapped_column(LargeBinary)
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LoginTrace(Base):
    """One attempt to sign in, redacted; or, `abandoned`, how many in that hour never came back from WorkOS.

    `step` is the last one that was begun; `told`: WorkOS tells of a failure that may never have come to us.
    """

    __tablename__ = "login_traces"
    __table_args__ = (
        CheckConstraint("outcome in ('completed','failed','told','abandoned')", name="outcome"),
        # Each row is in one of these two: by somebody's id, or by the trace of an address that nobody has here.
        Index(
            "ix_login_traces_person",
            "organization_id",
            "user_id",
            postgresql_where=text("user_id is not null"),
        ),
        Index(
            "ix_login_traces_address",
            "organization_id",
            "address",
            postgresql_where=text("user_id is null and address is not null"),
        ),
        Index(
            "uq_login_traces_abandoned",
            "organization_id",
            "connection_id",
            "at",
            unique=True,
            postgresql_where=text("outcome = 'abandoned'"),
            postgresql_nulls_not_distinct=True,
        ),
        # Rows come in the order of time: so small an index costs a sign-in nothing, and the purge needs no more.
        Index("ix_login_traces_at", "at", postgresql_using="brin"),
        tenant_fk("connection_id", "connections"),
        tenant_fk("user_id", "users", ondelete="CASCADE"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    outcome: Mapped[str]
    step: Mapped[str]
    problem: Mapped[str | None]
    connection_id: Mapped[UUID | None]
    user_id: Mapped[UUID | None]
    # The trace of the address (`erased`), where nobody is known by it: the address itself is not kept.
    address: Mapped[str | None]
    began_at: Mapped[datetime | None]
    at: Mapped[datetime]
    request_id: Mapped[str | None]
    details: Mapped[str] = mapped_column(server_default=text("'{}'"))
    attempts: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))


class ConnectionTest(Base):
    """A test of a connection: a sign-in that makes nothing. `result` (JSON) is what it showed, for 30 days.

    `started_by` may be an operator, who is nobody of this tenant; `user_id` is who signed in, if they are known here.
    """

    __tablename__ = "connection_tests"
    __table_args__ = (
        Index(None, "created_at"),
        CheckConstraint("status in ('waiting','running','passed','failed')", name="status"),
        tenant_fk("connection_id", "connections"),
        tenant_fk("user_id", "users", ondelete="CASCADE"),
    )

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID]
    started_by: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None]
    # As on a login trace.
    address: Mapped[str | None]
    result: Mapped[str] = mapped_column(server_default=text("'{}'"))


class CertificateWarning(Base):
    """That a tenant was told how many days before its end a connection's certificate was; each is told once."""

    __tablename__ = "certificate_warnings"
    __table_args__ = (tenant_fk("connection_id", "connections", ondelete="CASCADE"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(primary_key=True)
    days: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    warned_at: Mapped[datetime]
