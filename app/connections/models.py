"""Table of SSO connections, mirrored from WorkOS."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.base import Base, Key


class Connection(Base):
    """One identity provider of one tenant."""

    __tablename__ = "connections"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "workos_id"),
        Index(None, "workos_id"),
        CheckConstraint("protocol in ('saml','oidc')", name="protocol"),
        CheckConstraint("state in ('active','inactive','draft','validating','deleted')", name="state"),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    workos_id: Mapped[str]
    type: Mapped[str]
    protocol: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    domains: Mapped[list[str]] = mapped_column(ARRAY(Text))
    certificate_expires_at: Mapped[datetime | None]
    # When WorkOS was last asked for its certificates; null: it is to be asked now.
    certificate_checked_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    last_failure_at: Mapped[datetime | None]
    last_failure_code: Mapped[str | None]
    # The last test that came to an end (`app/sso/trial.py`).
    last_test_id: Mapped[UUID | None]
    last_test_at: Mapped[datetime | None]
    last_test_status: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
