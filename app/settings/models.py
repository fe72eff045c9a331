"""Tables of platform settings: the one row of settings, and the canary of the encryption keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class PlatformSettings(Base):
    """What the platform decides beyond the environment; one row."""

    __tablename__ = "platform_settings"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # No foreign key: it names a connection of some tenant, and this table belongs to none.
    default_connection_id: Mapped[UUID | None]
    updated_at: Mapped[datetime]


class EncryptionCanary(Base):
    """A known plaintext, sealed: tells at start that the encryption keys are the right ones (threats.md F6)."""

    __tablename__ = "encryption_canaries"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
