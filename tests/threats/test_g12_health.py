# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""G12: live is not ready: without a database, or with an old schema, the process lives and says so."""

import asyncio
import os
from pathlib import Path

import pytest

from app.db import migrate
from sandbox.server import Sandbox
from tests.fakes.frozen_clock import FrozenClock
from tests.gateway import Stage, a_config, a_stage
from tests.processes import a_database
from tests.threats.conftest import OwnServer


async def health(stage: Stage) -> tuple[int, int, dict[str, bool]]:
    """Return the statuses of /healthz and /readyz and the latter's checks; /readyz within 3 s."""
    http = stage.browser().http
    live = await http.get("/healthz")
    begun = asyncio.get_running_loop().time()
    ready = await http.get("/readyz")
    assert asyncio.get_running_loop().time() - begun < 3
    assert "Error" not in ready.text
    return live.status_code, ready.status_code, {check["name"]: check["ok"] for check in ready.json()["checks"]}


async def test_g12_a_database_that_goes_and_comes_back(own_server: OwnServer, twin: Sandbox, tmp_path: Path) -> None:
    async with a_stage(a_config(twin.public_url, tmp_path), own_server.url, twin, FrozenClock()) as stage:
        assert await health(stage) == (200, 200, {"database": True, "migrations": True, "encryption_keys": True})
        await own_server.control("stop")
        try:
            assert await health(stage) == (200, 503, {"database": False, "encryption_keys": True})
            keys = await stage.browser().http.get("/.well-known/jwks.json")
            assert keys.status_code == 200
            assert keys.json()["keys"]
        finally:
            await own_server.control("start")
        assert (await health(stage))[1] == 200


async def test_g12_a_process_that_starts_before_its_database(
    own_server: OwnServer, twin: Sandbox, tmp_path: Path
) -> None:
    await own_server.control("stop")
    try:
        async with a_stage(a_config(twin.public_url, tmp_path), own_server.url, twin, FrozenClock()) as stage:
            assert await health(stage) == (200, 503, {"database": False, "encryption_keys": False})
            answer = await stage.browser().http.get("/auth/sso?domain=acme.example")
            assert answer.status_code == 503
            await own_server.control("start")
            for _ in range(40):
                if (await health(stage))[1] == 200:
                    break
                await asyncio.sleep(0.1)
            assert (await health(stage))[1] == 200
    finally:
        if own_server.server._status() is None:
            await own_server.control("start")


@pytest.mark.parametrize("revision", [None, "spine", "walls"])
async def test_g12_pending_migrations(revision: str | None, server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with a_database(server_url, f"gw_g12_{os.getpid()}") as database:
        if revision:
            await migrate.upgrade(database, revision=revision)
        async with a_stage(a_config(twin.public_url, tmp_path), database, twin, FrozenClock()) as stage:
            live, ready, checks = await health(stage)
            assert (live, ready) == (200, 503)
            assert checks["migrations"] is False
            await migrate.upgrade(database)
            for _ in range(40):
                if (await health(stage))[1] == 200:
                    break
                await asyncio.sleep(0.1)
            assert (await health(stage))[1] == 200
