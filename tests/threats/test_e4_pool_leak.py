"""E4: 2,000 requests of ten tenants over one pool, with clients that leave and requests that crash: nothing leaks."""

import asyncio
import contextlib
import random  # noqa: TID251 -- seeded, not cryptography
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app.connections import repository
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage, a_stage
from tests.logs import logged
from tests.threats.tenancy import CONTEXT, secrets_of

REQUESTS = 2_000
AT_ONCE = 50
TENANTS = 10


class Leaving(Exception):  # noqa: N818 -- a test's own
    """The client closed its connection."""


@pytest.fixture
async def small_stage(running_stage: Stage) -> AsyncIterator[Stage]:
    """A gateway of its own: what this test does to its pool is nobody else's business."""
    async with a_stage(running_stage.config, running_stage.database, running_stage.twin, running_stage.clock) as stage:
        yield stage


async def test_e4_nothing_leaks_through_the_pool(small_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, dice = small_stage, random.Random(4)
    tenants = [await a_tenant(stage) for _ in range(TENANTS)]
    headers = [await (await tenant.signed_in()).bearer() for tenant in tenants]
    _crash_sometimes(monkeypatch, dice)
    outcomes: list[str] = []
    gate = asyncio.Semaphore(AT_ONCE)
    http = stage.browser().http

    async def one(number: int) -> None:
        which = number % TENANTS
        async with gate:
            outcomes.append(await _ask(http, tenants, which, headers[which], leaves=dice.random() < 0.1, dice=dice))

    with logged("error") as log:
        await asyncio.gather(*(one(number) for number in range(REQUESTS)))
    assert {line["event"] for line in log.lines} <= {"http.request.crashed"}
    assert len(outcomes) == REQUESTS
    assert outcomes.count("leaked") == 0
    assert outcomes.count("left") > REQUESTS * 0.05
    assert outcomes.count("500") > REQUESTS * 0.02
    assert outcomes.count("own") > REQUESTS * 0.75
    assert await _contexts(stage) == {""}


def _crash_sometimes(monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> None:
    """Let 5 % of the pages fail after they were read: the transaction has its tenant by then."""
    real = repository.Connections.page

    async def page(self: Any, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- passed on
        found = await real(self, *arguments, **options)
        if dice.random() < 0.05:
            raise ZeroDivisionError
        return found

    monkeypatch.setattr(repository.Connections, "page", page)


async def _ask(
    http: httpx.AsyncClient,
    tenants: list[Tenant],
    which: int,
    headers: dict[str, str],
    *,
    leaves: bool,
    dice: random.Random,
) -> str:
    request = asyncio.ensure_future(http.get("/api/auth/sso/connections?limit=100", headers=headers))
    if leaves:
        await asyncio.sleep(dice.random() * 0.02)
        if request.cancel():
            with contextlib.suppress(asyncio.CancelledError):
                await request
                return "answered anyway"
            return "left"
    answer = await request
    if answer.status_code != 200:
        return str(answer.status_code)
    others = [word for number, tenant in enumerate(tenants) if number != which for word in secrets_of(tenant)]
    if any(word in answer.text for word in others):
        return "leaked"
    return "own" if str(tenants[which].connection_id) in answer.text else "missing"


async def _contexts(stage: Stage) -> set[str]:
    """Return the tenant settings that a fresh checkout finds, over every connection of the pool at once."""
    runtime = stage.assembly.runtime
    async with contextlib.AsyncExitStack() as stack:
        found: set[str] = set()
        for _ in range(8):
            session: AsyncSession = await stack.enter_async_context(runtime.sessions(info={"organization": None}))
            connection = await session.connection()
            found.add(str((await connection.exec_driver_sql(CONTEXT)).scalar_one()))
        return found
