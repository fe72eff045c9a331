"""Tables of service clients: backend services, and the hashes of their secrets."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from app.db.base import Base, Key


class ServiceClient(Base):
    """A backend service and what it may do. A revoked one stays, so that the record can name it."""

    __tablename__ = "service_clients"

    id: Mapped[Key]
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ServiceClientSecret(Base):
    """The SHA-256 of a secret; `expires_at` is set when another takes its place."""

    __tablename__ = "service_client_secrets"
    __table_args__ = (Index(None, "client_id"),)

    id: Mapped[Key]
    client_id: Mapped[UUID] = mapped_column(ForeignKey("service_clients.id"))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary)
    last_four: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
