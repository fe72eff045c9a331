# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""G2: a hundred sign-ins that hang at WorkOS take no database connection and no time from anybody else."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.sessions.stages import own_stage

LOGINS = 100
HANG_MS = 3_500
IDLE = """
select count(*) as n from pg_stat_activity
where datname = current_database() and state like 'idle in transaction%' and now() - xact_start > interval '1 second'
"""
PLACES = 20  # of the bulkhead


@pytest.fixture
async def stage(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway of its own: its breaker will have opinions afterwards."""
    async with own_stage(server_url, twin, tmp_path) as found:
        yield found
    twin.clear_faults()


async def seconds(stage: Stage, path: str, headers: dict[str, str] | None = None) -> float:
    """Return how long a request took; it must succeed."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    answer = await stage.browser().http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return loop.time() - begun


async def test_g2_hanging_sign_ins_hold_nothing(stage: Stage) -> None:
    tenant: Tenant = await a_tenant(stage)
    headers = await (await tenant.signed_in()).bearer()
    ready = []
    for _ in range(LOGINS):
        browser = stage.browser()
        started = await browser.start(login_hint=tenant.people["ada"], connection=tenant.connection_workos_id)
        ready.append((browser, await browser.at_identity_provider(started)))
    stage.twin.clear_hits()
    stage.twin.add_fault("POST /sso/token", "latency", delay_ms=HANG_MS)

    logins = [asyncio.create_task(browser.visit(url)) for browser, url in ready]
    await asyncio.sleep(0.3)
    keys, lists, idle = [], [], 0
    while not all(task.done() for task in logins):
        keys.append(await seconds(stage, "/.well-known/jwks.json"))
        lists.append(await seconds(stage, "/api/auth/sso/connections", headers))
        idle += (await stage.sql(IDLE))[0]["n"]
        await asyncio.sleep(0.02)

    assert len(keys) > 30
    assert sorted(keys)[int(len(keys) * 0.95)] < 0.1
    assert sorted(lists)[int(len(lists) * 0.95)] < 0.5
    assert idle == 0
    statuses = [task.result().status_code for task in logins]
    assert set(statuses) <= {303, 503}
    assert len(stage.twin.hits(path="/sso/token")) <= 2 * PLACES
    for task in logins:
        if task.result().status_code == 503:
            assert task.result().headers["retry-after"]
