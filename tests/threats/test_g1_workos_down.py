"""G1: while WorkOS refuses connections only new sign-ins stop, at once; they go on within ten seconds of its return."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from sandbox.server import Sandbox
from tests.builders import Tenant, a_tenant
from tests.gateway import SERVICE, Browser, Stage
from tests.logs import logged
from tests.sessions.stages import own_stage
from tests.threats.tenancy import fill

# Five minutes of it would prove no more than these seconds: the breaker's longest pause is four.
DOWN_S = 8.0
PER_SECOND = 50
Request = Callable[[], Awaitable[httpx.Response]]
FAILURES_UNTIL_OPEN = 5
BACK_WITHIN_S = 10.0


@dataclass(slots=True)
class Seen:
    """Statuses and times by what was asked."""

    statuses: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def ask(self, name: str, request: Request) -> httpx.Response:
        """Make one request and keep how it went."""
        begun = asyncio.get_running_loop().time()
        answer = await request()
        self.seconds[name].append(asyncio.get_running_loop().time() - begun)
        self.statuses[name][answer.status_code] += 1
        return answer


@pytest.fixture
async def stage(server_url: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """A gateway and a twin of their own: the twin goes away."""
    twin = Sandbox.from_seed()
    async with twin.running(), own_stage(server_url, twin, tmp_path) as found:
        yield found


async def everything_else(stage: Stage, tenant: Tenant) -> dict[str, Request]:
    """Return what must go on, each as somebody who is signed in asks for it."""
    browser = await tenant.signed_in()
    headers, http = await browser.bearer(), browser.http
    token = headers["Authorization"].removeprefix("Bearer ")
    (row,) = await stage.sql("select id from directories where organization_id = $1", tenant.id)
    return {
        "keys": lambda: http.get("/.well-known/jwks.json"),
        "token": browser.token,
        "session": lambda: http.get("/auth/session", headers=headers),
        "introspection": lambda: http.post("/auth/introspect", data={"token": token}, auth=SERVICE),
        "directories": lambda: http.get("/api/directories", headers=headers),
        "people": lambda: http.get(f"/api/directories/{row['id']}/users?limit=10", headers=headers),
        "start": lambda: stage.browser().start(connection=tenant.connection_workos_id),
    }


async def load(seen: Seen, requests: Iterable[tuple[str, Request]], until: float) -> None:
    """Ask for one after the other, fifty a second in all, until that moment; none waits for the one before."""
    loop, turns = asyncio.get_running_loop(), list(requests)
    async with asyncio.TaskGroup() as tasks:
        number = 0
        while loop.time() < until:
            name, request = turns[number % len(turns)]
            tasks.create_task(seen.ask(name, request))
            number += 1
            await asyncio.sleep(1 / PER_SECOND)


async def at_callback(tenant: Tenant, times: int) -> list[tuple[Browser, str]]:
    """Return sign-ins that only wait for their code to be redeemed."""
    return [await tenant.at_callback() for _ in range(times)]


async def test_g1_only_new_sign_ins_need_workos(stage: Stage) -> None:
    tenant = await a_tenant(stage)
    await fill(tenant)
    rest, waiting, seen = await everything_else(stage, tenant), await at_callback(tenant, 30), Seen()
    loop = asyncio.get_running_loop()
    with logged("error") as log:
        await stage.twin.refuse_connections()
        until = loop.time() + DOWN_S
        others = asyncio.create_task(load(seen, rest.items(), until))
        for number, (browser, url) in enumerate(waiting):
            name = "sign-in, breaker open" if number >= FAILURES_UNTIL_OPEN else "sign-in"
            answer = await seen.ask(name, lambda browser=browser, url=url: browser.visit(url))
            assert answer.json()["code"] == "upstream_unavailable"
            assert int(answer.headers["retry-after"]) >= 1
            await asyncio.sleep(DOWN_S / len(waiting) / 2)
        await others
    assert {name: set(seen.statuses[name]) for name in rest} == {
        name: {302} if name == "start" else {200} for name in rest
    }
    assert sum(sum(counts.values()) for counts in seen.statuses.values()) > DOWN_S * PER_SECOND * 0.5
    assert set(seen.statuses["sign-in"]) == set(seen.statuses["sign-in, breaker open"]) == {503}
    assert max(seen.seconds["sign-in, breaker open"]) < 1.0
    assert log.lines == [], "an outage of somebody else's is no error of ours"


async def test_g1_sign_ins_go_on_within_ten_seconds_of_its_return(stage: Stage) -> None:
    tenant, loop = await a_tenant(stage), asyncio.get_running_loop()
    lost = await at_callback(tenant, 12)
    await stage.twin.refuse_connections()
    for browser, url in lost:  # long enough that the breaker has come to its longest pause
        assert (await browser.visit(url)).status_code == 503
        await asyncio.sleep(0.6)
    await stage.twin.accept_connections()
    back = loop.time()
    statuses: list[int] = []
    while loop.time() - back < BACK_WITHIN_S:
        browser, url = await tenant.at_callback()
        statuses.append((await browser.visit(url)).status_code)
        if statuses[-1] == 303:
            break
        await asyncio.sleep(0.25)
    assert statuses[-1] == 303, statuses
    for _ in range(5):
        await tenant.signed_in()
