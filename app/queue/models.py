"""Table of periodic jobs: when each ran last, so that one process at a time runs it."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base


class PeriodicJob(Base):
    """One line of `app/jobs.py`'s table of periodic work."""

    __tablename__ = "periodic_jobs"

    name: Mapped[str] = mapped_column(primary_key=True)
    last_run_at: Mapped[datetime]
    last_error: Mapped[str | None]
