"""A Redis of these tests' own."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.processes import free_port

_SERVER = shutil.which("redis-server")


@dataclass(slots=True)
class Redis:
    """A server that a test may stop."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def _start(self) -> None:
        assert _SERVER, "redis-server is not installed"
        options = ("--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder))
        self.process = subprocess.Popen([_SERVER, *options], stdout=subprocess.DEVNULL)  # noqa: S603 -- found above

    async def start(self) -> None:
        """Start it and wait until it listens."""
        self._start()
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                    writer.close()
                    return
                await asyncio.sleep(0.02)

    def stop(self) -> None:
        """Stop it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


@pytest.fixture
async def redis(tmp_path: Path) -> AsyncIterator[Redis]:
    if _SERVER is None and os.environ.get("REQUIRE_REDIS") != "1":  # noqa: TID251 -- CI may not pass these over
        pytest.skip("no redis-server here")
    server = Redis(free_port(), tmp_path)
    await server.start()
    yield server
    server.stop()
