"""Tables of people: users and the identities by which they sign in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.base import Base, Key, tenant_fk


class User(Base):
    """A person of one tenant. Its id is the `sub` of tokens and is never reassigned."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        # Not with the tenant before it: while the planner takes the table for small, it would check the foreign keys of
        # 100,000 new people by such an index, and read all the tenant's rows for each.
        Index(None, "email_lower"),
        CheckConstraint("state in ('active','deactivated')", name="state"),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    email: Mapped[str | None]
    # Normalised column, not lower(email): an expression index is not used under row-level security.
    email_lower: Mapped[str | None]
    first_name: Mapped[str | None]
    last_name: Mapped[str | None]
    department: Mapped[str | None]
    job_title: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    # `directory` or `admin`: only whom a directory removed does a directory bring back.
    deactivated_by: Mapped[str | None]
    mapped_role: Mapped[str]
    manual_roles: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    rights_version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Identity(Base):
    """How a person is known to one connection: `(connection, idp_id)` (threats.md A9)."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("organization_id", "connection_id", "idp_id"),
        Index(None, "organization_id", "user_id"),
        Index(None, "organization_id", "idp_id"),
        tenant_fk("user_id", "users", ondelete="CASCADE"),
        tenant_fk("connection_id", "connections"),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    user_id: Mapped[UUID]
    connection_id: Mapped[UUID]
    idp_id: Mapped[str]
    profile_id: Mapped[str]
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime]
