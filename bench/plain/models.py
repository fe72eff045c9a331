"""Tables of the plain project: the same columns, keys and indexes as everywhere in the bench."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bench.plain.database import Base


class Organization(Base):
    """A tenant."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    workos_id: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str]
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class OrganizationPolicy(Base):
    """How a tenant signs in."""

    __tablename__ = "organization_policies"

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    enabled: Mapped[bool] = mapped_column(server_default=text("true"))
    session_idle_seconds: Mapped[int] = mapped_column(server_default=text("28800"))
    session_absolute_seconds: Mapped[int] = mapped_column(server_default=text("86400"))


class OrganizationDomain(Base):
    """A verified domain."""

    __tablename__ = "organization_domains"
    __table_args__ = (UniqueConstraint("organization_id", "domain"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    domain: Mapped[str]
    state: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Connection(Base):
    """An SSO connection."""

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("organization_id", "id"), UniqueConstraint("organization_id", "workos_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    workos_id: Mapped[str]
    type: Mapped[str]
    protocol: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    domains: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class User(Base):
    """A person."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("organization_id", "id"), Index(None, "organization_id", "email_lower"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    email: Mapped[str | None]
    email_lower: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    department: Mapped[str | None]
    job_title: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    mapped_role: Mapped[str]
    rights_version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class UserIdentity(Base):
    """How a connection knows a person."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("organization_id", "connection_id", "idp_id"),
        Index(None, "organization_id", "user_id"),
        ForeignKeyConstraint(["organization_id", "user_id"], ["users.organization_id", "users.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID]
    user_id: Mapped[UUID]
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id"))
    idp_id: Mapped[str]
    profile_id: Mapped[str]
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime]


class LoginFlow(Base):
    """One-time state of a login."""

    __tablename__ = "login_flows"
    __table_args__ = (Index(None, "expires_at"),)

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    cookie_hash: Mapped[bytes] = mapped_column(LargeBinary)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    connection_id: Mapped[UUID] = mapped_column(ForeignKey("connections.id"))
    kind: Mapped[str]
    verifier: Mapped[bytes] = mapped_column(LargeBinary)
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class UserSession(Base):
    """A browser's session."""

    __tablename__ = "sessions"
    __table_args__ = (
        Index(None, "organization_id", "user_id"),
        ForeignKeyConstraint(["organization_id", "user_id"], ["users.organization_id", "users.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID]
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    connection_id: Mapped[UUID | None] = mapped_column(ForeignKey("connections.id"))
    profile_id: Mapped[str | None]
    amr: Mapped[list[str]] = mapped_column(ARRAY(Text))
    auth_time: Mapped[datetime]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    idle_seconds: Mapped[int]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined", overlaps="organization")
    organization: Mapped[Organization] = relationship(lazy="joined", overlaps="user")


class ServiceClient(Base):
    """A backend service."""

    __tablename__ = "service_clients"

    id: Mapped[str] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]


class AuditEvent(Base):
    """One act."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "organization_id", "occurred_at", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    action: Mapped[str]
    occurred_at: Mapped[datetime]
    actor_id: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column("metadata", JSONB)
