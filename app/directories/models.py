"""Tables of the mirror: directories. Their people and groups come with directory sync."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key


class Directory(Base):
    """One directory of one tenant, as WorkOS describes it."""

    __tablename__ = "directories"
    __table_args__ = (
        UniqueConstraint("organization_id", "id"),
        UniqueConstraint("organization_id", "workos_id"),
        Index(None, "workos_id"),
        CheckConstraint(
            "state in ('linked','validating','invalid_credentials','unlinked','deleting','deleted')", name="state"
        ),
    )

    id: Mapped[Key]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    workos_id: Mapped[str]
    type: Mapped[str]
    name: Mapped[str]
    state: Mapped[str]
    last_synced_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
