"""Engine, session dependency and tables of the plain project."""

import os
from collections.abc import AsyncIterator
from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Every table."""

    type_annotation_map = {str: Text, datetime: DateTime(timezone=True)}  # noqa: RUF012 -- SQLAlchemy's own contract


def async_url(url: str) -> str:
    """Return the URL with SQLAlchemy's asyncpg driver."""
    return url.replace("postgresql://", "postgresql+asyncpg://", 1)


engine = create_async_engine(
    async_url(os.environ.get("PLAIN_DATABASE_URL", "postgresql://localhost/plain")), pool_size=20, max_overflow=0
)
SessionLocal = async_sessionmaker(engine, expire_on_commit=False)


async def get_db() -> AsyncIterator[AsyncSession]:
    """Yield a session; commit when the request went well."""
    async with SessionLocal() as session:
        try:
            yield session
            await session.commit()
        except Exception:
            await session.rollback()
            raise
