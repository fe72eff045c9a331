"""Alembic's environment: connects, becomes the owner of the tables, runs the migrations."""

import asyncio

from alembic import context
from sqlalchemy import Connection

from app.config import load
from app.db.engine import open_owner_engine
from app.models import metadata


def _url() -> str:
    given = context.config.attributes.get("url")
    if given:
        return str(given)
    config = load(environment="test")
    secret = config.migration_database_url or config.database_url
    return secret.get_secret_value() if secret else "postgresql://localhost/memberpulse"


def _run(connection: Connection) -> None:
    # Tables belong to gw_owner, whom no service can become (threats.md section 4.3). Of the session, not of one
    # transaction: each migration has its own.
    connection.exec_driver_sql("set role gw_owner")
    connection.commit()
    # In one transaction for all of them what the first has locked would stay locked while a later one waits for its
    # turn: whoever serves meanwhile would wait for longer than it may.
    context.configure(
        connection=connection, target_metadata=metadata, compare_server_default=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = open_owner_engine(_url())
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_run)
            await connection.commit()
    finally:
        await engine.dispose()


if context.is_offline_mode():
    context.configure(dialect_name="postgresql", target_metadata=metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(_online())
