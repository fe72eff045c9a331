"""G9: 500 requests for the keys at once, on a process that has just started: at most one query, all answered soon."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.db.lane import Lane
from sandbox.server import Sandbox
from tests.gateway import Stage
from tests.sessions.stages import own_stage


@pytest.fixture
async def cold(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    async with own_stage(server_url, twin, tmp_path) as found:
        yield found


async def test_g9_a_herd_for_the_keys(cold: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    statements: list[str] = []
    real = Lane.fetch

    async def fetch(self: Lane, statement: str, *values: object) -> Any:  # noqa: ANN401 -- passed on
        statements.append(statement)
        return await real(self, statement, *values)

    monkeypatch.setattr(Lane, "fetch", fetch)
    loop = asyncio.get_running_loop()
    http = cold.browser().http

    async def ask() -> float:
        begun = loop.time()
        answer = await http.get("/.well-known/jwks.json")
        assert answer.status_code == 200
        assert answer.json()["keys"]
        return loop.time() - begun

    lasted = sorted(await asyncio.gather(*(ask() for _ in range(500))))
    assert lasted[int(len(lasted) * 0.99)] < 0.5
    # What follows ended sessions, credentials and settings asks all the time, and is not these requests' doing.
    followers = ("stale_sessions", "service_client_secrets", "platform_settings")
    assert len([found for found in statements if not any(name in found for name in followers)]) <= 1
