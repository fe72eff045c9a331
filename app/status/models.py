"""Tables of status: since when each indicator is as it is, and what processes noticed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class StatusMark(Base):
    """How an indicator of one tenant stood when it was last judged, and since when; the nil organization's: ours."""

    __tablename__ = "status_marks"
    __table_args__ = (CheckConstraint("status in ('ok','warning','failing','unknown')", name="status"),)

    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    since: Mapped[datetime]
    # When it was judged: one that was judged earlier and told later changes nothing.
    judged_at: Mapped[datetime]


class Noticed(Base):
    """When something last went well, and how it went badly since (`app/kit/sightings.py`); belongs to no tenant."""

    __tablename__ = "sightings"

    name: Mapped[str] = mapped_column(primary_key=True)
    good_at: Mapped[datetime | None]
    good_since: Mapped[datetime | None]
    bad_since: Mapped[datetime | None]
    bad_at: Mapped[datetime | None]
    times: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    why: Mapped[str | None]
