"""Creates the tables of the plain project, as its first migration would."""

from sqlalchemy.ext.asyncio import create_async_engine

from bench.plain.database import async_url
from bench.plain.mirror import Directory
from bench.plain.models import UserSession


async def create_tables(url: str) -> None:
    """Create every table in an empty database."""
    engine = create_async_engine(async_url(url))
    async with engine.begin() as connection:
        assert Directory.metadata is UserSession.metadata  # both modules are imported: every table is known
        await connection.run_sync(UserSession.metadata.create_all)
    await engine.dispose()
