"""Table of login flows: the one-time state between /auth/sso and the callback."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, tenant_fk


class LoginFlow(Base):
    """One started sign-in. State and cookie are hashed, the PKCE verifier is sealed (threats.md A1, A17)."""

    __tablename__ = "login_flows"
    __table_args__ = (
        Index(None, "expires_at"),
        CheckConstraint("kind in ('login','confirm')", name="kind"),
        tenant_fk("connection_id", "connections", ondelete="CASCADE"),
    )

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    cookie_hash: Mapped[bytes] = mapped_column(LargeBinary)
    kind: Mapped[str]
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    connection_id: Mapped[UUID | None]
    # The PKCE verifier (kind login), or the profile that waits for a person's yes (kind confirm).
    verifier: Mapped[bytes] = mapped_column(LargeBinary)
    return_to: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
