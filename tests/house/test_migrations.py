"""Migrations: up, no difference to the models, down to nothing, and up again; on a database of their own."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.db import migrate
from app.db.engine import open_owner_engine
from app.db.revisions import revisions
from app.models import metadata
from tests.databases import rows
from tests.processes import a_database

EVERYTHING = """
select 'table ' || c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'S')
union all select 'function ' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public'
union all select 'type ' || t.typname from pg_type t join pg_namespace n on n.oid = t.typnamespace
where n.nspname = 'public' and t.typtype in ('e', 'd')
"""
SHAPE = """
select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns
where table_schema = 'public' order by 1, 2
"""
POLICIES = "select tablename, policyname, roles::text, cmd, qual, with_check from pg_policies order by 1, 2"
GRANTS = """
select table_name, grantee, privilege_type from information_schema.role_table_grants
where table_schema = 'public' and grantee like 'gw%' order by 1, 2, 3
"""


@pytest.fixture
async def empty(server_url: str) -> AsyncIterator[str]:
    async with a_database(server_url, f"gw_migrations_{os.getpid()}") as url:
        yield url


async def difference(url: str) -> list[object]:
    """Return what autogenerate would add to the migrations."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, metadata))

    engine = open_owner_engine(url)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


async def everything(url: str) -> list[object]:
    """Return columns, policies and grants: what one migration run must make like another."""
    return [[tuple(row) for row in await rows(url, query)] for query in (SHAPE, POLICIES, GRANTS)]


async def test_up_down_and_up_again(empty: str) -> None:
    await migrate.upgrade(empty)
    assert [step for step in await difference(empty) if "alembic_version" not in repr(step)] == []
    first = await everything(empty)
    await migrate.downgrade(empty, "base")
    assert [row[0] for row in await rows(empty, EVERYTHING)] == ["table alembic_version"]
    await migrate.upgrade(empty)
    assert await everything(empty) == first


async def test_every_step_goes_down_and_up_again(empty: str) -> None:
    script = ScriptDirectory.from_config(migrate.alembic_config(""))
    for revision in [found.revision for found in reversed(list(script.walk_revisions()))]:
        await migrate.upgrade(empty, revision=revision)
        before = await everything(empty)
        await migrate.downgrade(empty, "-1")
        await migrate.upgrade(empty, revision=revision)
        assert await everything(empty) == before, revision


def test_there_is_one_head_and_one_base() -> None:
    script = ScriptDirectory.from_config(migrate.alembic_config(""))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


async def test_two_processes_migrate_one_database(empty: str) -> None:
    await asyncio.gather(migrate.upgrade(empty), migrate.upgrade(empty))
    assert (await rows(empty, "select version_num from alembic_version"))[0][0] == revisions()[0]
