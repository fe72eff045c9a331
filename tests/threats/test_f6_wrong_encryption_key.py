"""F6: with another encryption key nothing starts, nothing is overwritten, and one line says why."""

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.bootstrap import WrongEncryptionKeys, assembled
from app.db import migrate
from sandbox.server import Sandbox
from tests.databases import rows
from tests.gateway import KEYS, a_config
from tests.processes import ROOT, a_database, free_port

OTHER = "k1:" + base64.b64encode(bytes(range(100, 132))).decode()
SEALED = (
    "select 'canary' as name, sealed from encryption_canaries union all select kid, private_sealed from signing_keys"
)


@pytest.mark.parametrize("verb", ["serve", "check", "worker"])
async def test_f6_another_key_does_not_start(verb: str, server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with a_database(server_url, f"gw_f6_{os.getpid()}") as database:
        await migrate.upgrade(database)
        async with assembled(a_config(twin.public_url, tmp_path), database):
            pass
        before = sorted(map(tuple, await rows(database, SEALED)))
        assert len(before) > 1
        begun = time.monotonic()
        ended = subprocess.run(  # noqa: ASYNC221, S603 -- our own program
            [sys.executable, "-m", "app.cli", verb],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],  # noqa: TID251 -- nothing else of this environment
                "ENVIRONMENT": "test",
                "DATABASE_URL": database,
                "ENCRYPTION_KEYS": OTHER,
                "PORT": str(free_port()),
            },
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert ended.returncode != 0
        assert time.monotonic() - begun < 10  # 5 s on a machine of one's own
        assert "ENCRYPTION_KEYS are not the ones" in ended.stdout + ended.stderr
        assert sorted(map(tuple, await rows(database, SEALED))) == before


async def test_f6_the_old_key_beside_a_new_one_starts(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with a_database(server_url, f"gw_f6_{os.getpid()}") as database:
        await migrate.upgrade(database)
        config = a_config(twin.public_url, tmp_path)
        async with assembled(config, database):
            pass
        both = SecretStr(f"{OTHER.replace('k1:', 'k2:')},{KEYS}")
        async with assembled(config.model_copy(update={"encryption_keys": both}), database) as assembly:
            assert assembly.proven.is_set()
        with pytest.raises(WrongEncryptionKeys):
            async with assembled(config.model_copy(update={"encryption_keys": SecretStr(OTHER)}), database):
                pass
