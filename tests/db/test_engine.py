"""Where connections go: any spelling of a PostgreSQL address, and never to a server that takes no writes."""

import asyncio
import os
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InternalError

from app import uow as units
from app.db import migrate
from app.db.driver import expect_many, fetch
from app.db.engine import DatabaseUrlMalformed, connect_arguments, is_unavailable, open_engine
from app.db.revisions import revisions
from app.uow import PLATFORM
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.databases import connected, rows
from tests.gateway import Stage
from tests.logs import logged
from tests.processes import a_database
from tests.sessions.stages import own_stage

WHO = "gw:p%40ss"
SPELLINGS = {
    "postgresql://gw@db/gateway": "postgresql://gw@db/gateway",
    f"postgres://{WHO}@db:6432/gateway": f"postgresql://{WHO}@db:6432/gateway",
    "postgresql+asyncpg://gw@db/gateway?ssl=require": "postgresql://gw@db/gateway?sslmode=require",
    "postgresql+psycopg://gw@db/gateway": "postgresql://gw@db/gateway",
    "postgresql://gw@/gateway?host=%2Frun%2Fpg": "postgresql://gw@/gateway?host=%2Frun%2Fpg",
    "postgresql://gw@db/gateway?sslmode=verify-full&sslrootcert=%2Fca.pem": (
        "postgresql://gw@db/gateway?sslmode=verify-full&sslrootcert=%2Fca.pem"
    ),
    "postgresql://gw@db/gateway?application_name=x&connect_timeout=5&pool_size=9": "postgresql://gw@db/gateway",
}


@pytest.mark.parametrize(("given", "meant"), SPELLINGS.items())
def test_any_spelling_is_understood(given: str, meant: str) -> None:
    assert connect_arguments(given)["dsn"] == meant


@pytest.mark.parametrize(
    "given", ["", "db.internal", "mysql://gw@db/gateway", "postgresql://gw@db:port/gateway", "://"]
)
def test_what_is_no_address_is_refused_without_its_password(given: str) -> None:
    with pytest.raises(DatabaseUrlMalformed) as refused:
        connect_arguments(given.replace("gw@", "gw:canary@"))
    assert "canary" not in str(refused.value)
    assert refused.value.__context__ is None, "nor in what it came from"


@pytest.mark.parametrize("query", ["sslmode=prefer", "sslmode=disable", "application_name=x", "connect_timeout=5"])
async def test_the_parameters_of_libpq_migrate_too(query: str, server_url: str) -> None:
    async with a_database(server_url, f"gw_query_{os.getpid()}") as url:
        await migrate.upgrade(f"{url}{'&' if '?' in url else '?'}{query}")
        assert (await rows(url, "select version_num from alembic_version"))[0][0] == revisions()[0]


async def test_a_migration_comes_again_when_a_reader_holds_its_table(
    server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "_PAUSES", (0.1, 0.1, 0.1))
    async with a_database(server_url, f"gw_reader_{os.getpid()}") as url:
        await migrate.upgrade(url, revision="spine")
        async with connected(url) as reader:
            await reader.execute("begin; lock table sessions in access share mode")
            with logged() as log:
                migrating = asyncio.create_task(migrate.upgrade(url))
                async with asyncio.timeout(10):
                    while not log.of("db.migration.waits"):
                        await asyncio.sleep(0.05)
                await reader.execute("commit")
                await migrating
        assert (await rows(url, "select version_num from alembic_version"))[0][0] == revisions()[0]


async def test_a_failover_is_unavailability_and_its_connections_are_left(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    """The former primary answers, but takes no writes; whoever stayed with it would answer 500 for ever."""
    async with own_stage(server_url, twin, tmp_path) as stage:
        browser = await (await a_tenant(stage)).signed_in()
        name = make_url(stage.database).database
        await stage.sql(f'alter database "{name}" set default_transaction_read_only = on')
        await _cut(stage)
        for _ in range(3):
            assert (await browser.token()).status_code == 503
        assert (await browser.http.get("/readyz")).status_code == 503
        with pytest.raises(DBAPIError) as refused:
            async with stage.unit() as uow:
                await (await uow.db.connection()).exec_driver_sql("delete from stale_sessions")
        assert is_unavailable(refused.value)
        async with connected(stage.database) as primary:
            await primary.execute("set default_transaction_read_only = off")
            await primary.execute(f'alter database "{name}" reset default_transaction_read_only')
        # Nothing cuts the connections now: the pools must have given them up by themselves.
        async with asyncio.timeout(3):
            while (await browser.token()).status_code != 200:
                await asyncio.sleep(0.05)
        async with stage.unit(PLATFORM) as uow:
            await (await uow.db.connection()).exec_driver_sql("delete from stale_sessions")


async def _cut(stage: Stage) -> None:
    """End every connection of the gateway, so that the next ones meet the server as it is now."""
    async with connected(stage.database) as admin:
        await admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        for _ in range(100):
            left = await admin.fetchval(
                "select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
                " and backend_start < now() - interval '1 second'"
            )
            if not left:
                return
            await asyncio.sleep(0.02)


def test_what_the_driver_says_of_it_is_known() -> None:
    assert is_unavailable(asyncpg.ReadOnlySQLTransactionError("cannot execute UPDATE in a read-only transaction"))


def test_a_connection_that_breaks_while_it_is_opened_is_an_absent_database() -> None:
    said = AsyncAdapt_asyncpg_dbapi.InternalClientError("cannot switch to state 12; another operation is in progress")
    said.__cause__ = asyncpg.InternalClientError(str(said))
    assert is_unavailable(InternalError("select 1", None, said))


async def test_whole_directories_may_take_longer_than_any_request(stage: Stage) -> None:
    """Both limits move: the server's, and the driver's of six seconds."""
    begin = units.beginner(stage.assembly.runtime)
    async with begin(PLATFORM) as uow:
        await expect_many(uow.db)
        assert await fetch(uow.driver, "select pg_sleep(6.5)")
    async with begin(PLATFORM) as uow:
        (limit,) = await fetch(uow.driver, "show statement_timeout")
    assert limit["statement_timeout"] == "5s", "the next transaction of the connection has the usual limit"


async def test_a_connection_that_is_good_is_handed_out_again(stage: Stage) -> None:
    engine = open_engine(stage.database, "gw_app", size=1)
    try:
        seen: set[int] = set()
        for _ in range(3):
            async with engine.connect() as connection:
                seen.add((await connection.exec_driver_sql("select pg_backend_pid()")).scalar_one())
        assert len(seen) == 1
    finally:
        await engine.dispose()
