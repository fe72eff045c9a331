"""Stages of a test's own: a gateway on a database of its own, a second one beside it, and a dump of all they store."""

import contextlib
import itertools
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from app.db import migrate
from sandbox.server import Sandbox
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import Stage, a_config, a_stage
from tests.processes import a_database

_numbers = itertools.count(1)


@contextlib.asynccontextmanager
async def own_stage(
    server_url: str,
    twin: Sandbox,
    folder: Path,
    **changes: Any,  # noqa: ANN401 -- any field of Config
) -> AsyncGenerator[Stage]:
    """Run a gateway on a new database, with a clock that no other test moves."""
    async with a_database(server_url, f"gw_own_{os.getpid()}_{next(_numbers)}") as database:
        await migrate.upgrade(database)
        config = a_config(twin.public_url, folder, **changes)
        if config.redirect_uri not in twin.world.credentials.redirect_uris:
            twin.world.credentials.redirect_uris.append(config.redirect_uri)
        async with a_stage(config, database, twin, FrozenClock()) as stage:
            yield stage


@contextlib.asynccontextmanager
async def beside(stage: Stage) -> AsyncGenerator[Stage]:
    """Run a second gateway over the same database and clock, as a second process would."""
    async with a_stage(stage.config, stage.database, stage.twin, stage.clock) as other:
        yield other


async def dump(stage: Stage) -> str:
    """Return every row of every table as text; bytes show as hex."""
    tables = await stage.sql(
        "select quote_ident(tablename) as name from pg_tables where schemaname = 'public' order by 1"
    )
    assert len(tables) > 10
    rows = [
        row["line"]
        for table in tables
        for row in await stage.sql(f"select t::text as line from {table['name']} t")  # noqa: S608 -- names from the catalogue
    ]
    return "\n".join(rows)
