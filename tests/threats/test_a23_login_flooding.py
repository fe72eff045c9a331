"""A23: who begins sign-ins without end is refused, others are not, and what they began is cleared away."""

from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from app import uow as units
from app.bootstrap import assembled
from app.jobs import periodic
from app.queue.periodic import run_due
from app.rates import rules
from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import Stage
from tests.logs import logged
from tests.sessions.stages import own_stage

STARTS, LIMIT, SECONDS = 500, 300, 10
ELSEWHERE = "198.51.100.23"


@pytest.fixture
async def limited(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway whose limits are in force, with a clock of its own."""
    async with own_stage(server_url, twin, tmp_path, rate_limits="on") as stage:
        yield stage


async def flood(stage: Stage, path: str, times: int = STARTS, **headers: str) -> list[httpx.Response]:
    """Return the answers to so many requests from one address, spread over ten seconds."""
    found: list[httpx.Response] = []
    with logged("error"):
        http = stage.browser().http
        for _ in range(times):
            stage.clock.advance(seconds=(SECONDS - 0.01) / times)
            found.append(await http.get(path, headers=headers))
    return found


def start_of(tenant: Tenant) -> str:
    return f"/auth/sso?connection={tenant.connection_workos_id}"


async def test_a23_one_address_is_refused_and_another_is_not(limited: Stage) -> None:
    tenant = await a_tenant(limited)
    found = await flood(limited, start_of(tenant))
    assert Counter(answer.status_code for answer in found) == {302: LIMIT, 429: STARTS - LIMIT}
    refused = found[-1]
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= SECONDS
    assert refused.headers["ratelimit-limit"] == str(LIMIT)
    assert refused.headers["ratelimit-policy"] == f"{LIMIT};w={SECONDS}"
    assert refused.headers["x-content-type-options"] == "nosniff"
    assert await limited.count("login_flows") == LIMIT, "who is refused costs no row"
    assert (await limited.browser(address=ELSEWHERE).http.get(start_of(tenant))).status_code == 302
    limited.clock.advance(seconds=int(refused.headers["retry-after"]))
    assert (await limited.browser().http.get(start_of(tenant))).status_code == 302


async def test_a23_a_person_is_told_so_on_a_page(limited: Stage) -> None:
    tenant = await a_tenant(limited)
    found = await flood(limited, start_of(tenant), LIMIT + 1, Accept="text/html,application/xhtml+xml")
    assert found[-1].status_code == 429
    assert found[-1].headers["content-type"].startswith("text/html")
    assert f'href="{start_of(tenant)}"' in found[-1].text
    assert "Too many requests." in found[-1].text


async def test_a23_many_addresses_cannot_flood_one_organization(limited: Stage) -> None:
    flooded, other = await a_tenant(limited), await a_tenant(limited)
    windows = limited.assembly.runtime.rates.windows
    rule = rules.LOGINS_OF_ORGANIZATION
    now = limited.clock.now().timestamp()
    for _ in range(rule.amount):
        windows.add(rule.name, str(flooded.id), rule.seconds, now)
    answer = await limited.browser(address=ELSEWHERE).http.get(start_of(flooded))
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer.headers["ratelimit-limit"] == str(rule.amount)
    assert (await limited.browser(address=ELSEWHERE).http.get(start_of(other))).status_code == 302


async def test_a23_what_was_begun_and_is_too_old_is_cleared_away(limited: Stage) -> None:
    tenant = await a_tenant(limited)
    for _ in range(4):
        await flood(limited, start_of(tenant), LIMIT)
        limited.clock.advance(seconds=SECONDS)
    assert await limited.count("login_flows") > 1_000
    limited.clock.advance(minutes=10)
    async with assembled(limited.config, limited.database, role="gw_worker", clock=limited.clock) as worker:
        jobs = {"sso.purge_flows": periodic(worker.runtime)["sso.purge_flows"]}
        assert jobs["sso.purge_flows"].every.total_seconds() <= 60, "within two minutes of their end"
        await run_due(partial(units.beginner(worker.runtime), units.PLATFORM), jobs)
    assert await limited.count("login_flows") < 1_000


async def test_a23_the_most_addresses_at_once_are_remembered_and_no_more(limited: Stage) -> None:
    windows = limited.assembly.runtime.rates.windows
    windows.most = 50
    with logged("error"):
        for number in range(200):
            async with limited.browser(address=f"2001:db8:{number:x}::1").http as http:
                assert (await http.get("/auth/sso")).status_code == 400
    assert len(windows) == 50
