"""Tables of platform settings: the one row of settings, its sealed secrets, and the canary of the encryption keys."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, Key

_ROTATION = "in ('staged','promoted','rolled_back')"


class PlatformSettings(Base):
    """What the platform decides beyond the environment; one row. What is null is the environment's."""

    __tablename__ = "platform_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint(f"api_key_rotation {_ROTATION}", name="api_key_rotation"),
        CheckConstraint(f"webhook_secret_rotation {_ROTATION}", name="webhook_secret_rotation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    client_id: Mapped[str | None]
    redirect_uri: Mapped[str | None]
    # No foreign key: it names a connection of some tenant, and this table belongs to none.
    default_connection_id: Mapped[UUID | None]
    # How each secret's last rotation stands: an operator whose answer was lost repeats the step.
    api_key_rotation: Mapped[str | None]
    api_key_rotated_at: Mapped[datetime | None]
    webhook_secret_rotation: Mapped[str | None]
    webhook_secret_rotated_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class PlatformSecret(Base):
    """A secret of WorkOS's, sealed for this very row; the one that counts and the one that is to take its place."""

    __tablename__ = "platform_secrets"
    __table_args__ = (
        UniqueConstraint("name", "slot"),
        CheckConstraint("name in ('api_key','webhook_secret')", name="name"),
        CheckConstraint("slot in ('current','next')", name="slot"),
    )

    id: Mapped[Key]
    settings_id: Mapped[int] = mapped_column(
        ForeignKey("platform_settings.id", ondelete="CASCADE"), server_default=text("1")
    )
    name: Mapped[str]
    slot: Mapped[str]
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    last_four: Mapped[str]
    set_at: Mapped[datetime]


class EncryptionCanary(Base):
    """A known plaintext, sealed: tells at start that the encryption keys are the right ones (threats.md F6)."""

    __tablename__ = "encryption_canaries"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
