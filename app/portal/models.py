"""Table of who was given Admin Portal links lately: no link, only whose is to be revoked."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped

from app.db.base import Base, tenant_fk


class PortalVisit(Base):
    """Somebody who asked for links into a WorkOS organization, the last time at `asked_at`.

    `organization_id` is the person's own tenant, which for an operator is another one than the link's.
    """

    __tablename__ = "portal_visits"
    __table_args__ = (
        PrimaryKeyConstraint("organization_id", "user_id", "workos_organization"),
        tenant_fk("user_id", "users", ondelete="CASCADE"),
        Index(None, "asked_at"),
    )

    organization_id: Mapped[UUID]
    user_id: Mapped[UUID]
    workos_organization: Mapped[str]
    asked_at: Mapped[datetime]
