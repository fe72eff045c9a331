"""A18: a redirect of WorkOS is never followed: the request carries the API key."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest

from tests.builders import Tenant
from tests.gateway import Stage
from tests.logs import logged


@dataclass(slots=True)
class Elsewhere:
    """A listener that should never hear of us."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list[bytes])


@pytest.fixture
async def elsewhere() -> AsyncGenerator[Elsewhere]:
    kept = Elsewhere()

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        kept.heard.append(b"connected")
        kept.heard.append(await reader.read(65536))
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        kept.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sso/token"
        yield kept


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 305, 307, 308])
async def test_a18_the_code_exchange(tenant: Tenant, stage: Stage, elsewhere: Elsewhere, status: int) -> None:
    stage.twin.add_fault("POST /sso/token", "redirect", status=status, location=elsewhere.url)
    browser, callback = await tenant.at_callback()
    sessions = await stage.count("sessions")
    with logged() as log:
        answer = await browser.visit(callback)
    assert (answer.status_code, answer.json()["code"]) == (502, "upstream_invalid_response")
    assert elsewhere.heard == []
    assert stage.exchanges() == 1
    assert await stage.count("sessions") == sessions
    assert elsewhere.url not in answer.text
    assert "sk_test" not in log.text
