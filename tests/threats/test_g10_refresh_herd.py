"""G10: a thousand clients that refresh within one second are all answered within five, with the limits in force."""

import asyncio
import statistics
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app import log
from app import uow as units
from app.bootstrap import assembled
from app.kit.ids import fingerprint
from app.sessions import service as sessions
from app.sessions.repository import NewSession
from app.sessions.service import PLATFORM_USER
from app.uow import UnitOfWork
from sandbox.server import Sandbox
from tests.gateway import a_config
from tests.processes import Served, served

CLIENTS = 1_000
WITHIN_S = 5.0


@pytest.fixture
async def gateway(server_url: str, tmp_path: Path) -> AsyncIterator[Served]:
    twin = Sandbox.from_seed()
    async with twin.running(), served(server_url, twin, tmp_path, RATE_LIMITS="on") as found:
        yield found


async def cookies(gateway: Served) -> list[str]:
    """Return the cookies of a thousand sessions."""
    config = a_config(gateway.twin.public_url, Path(gateway.settings["DATA_DIR"]), public_url=gateway.url)
    async with (
        assembled(config, gateway.settings["DATABASE_URL"]) as assembly,
        units.beginner(assembly.runtime)(units.PLATFORM) as uow,
    ):
        return [await _session(uow) for _ in range(CLIENTS)]


async def _session(uow: UnitOfWork) -> str:
    cookie = uow.ids.token()
    new = NewSession(
        id=uow.ids.uuid(),
        user_id=PLATFORM_USER,
        secret_hash=fingerprint(cookie),
        connection_id=None,
        profile_id=None,
        amr=("otp",),
        begun_at=uow.now,
        idle_seconds=3_600,
        expires_at=uow.now + timedelta(hours=1),
        acting_organization_id=None,
    )
    await sessions.issue(uow, new)
    return cookie


async def refresh(gateway: Served, cookie: str, begun: float) -> tuple[int, float]:
    """Ask for a token on a connection of its own; return the status, and how many seconds it took."""
    address = urlsplit(gateway.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    head = (
        f"POST /auth/token HTTP/1.1\r\nHost: {address.netloc}\r\nOrigin: {gateway.url}\r\n"
        f"Cookie: mp_session={cookie}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    return int(answer.split(b" ", 2)[1]), asyncio.get_running_loop().time() - begun


async def test_g10_a_thousand_refreshes_in_a_second(gateway: Served) -> None:
    waiting = await cookies(gateway)
    begun = asyncio.get_running_loop().time()

    async def client(number: int, cookie: str) -> tuple[int, float]:
        await asyncio.sleep(number / CLIENTS)
        return await refresh(gateway, cookie, begun + number / CLIENTS)

    found = await asyncio.gather(*(client(number, cookie) for number, cookie in enumerate(waiting)))
    seconds = sorted(taken for _, taken in found)
    p99 = statistics.quantiles(seconds, n=100)[98]
    log.get("threats").info("g10.herd.answered", clients=CLIENTS, p99_ms=round(p99 * 1000))
    assert Counter(status for status, _ in found) == {200: CLIENTS}
    assert seconds[-1] <= WITHIN_S, f"the last after {seconds[-1]:.1f} s, p99 {p99:.1f} s"
