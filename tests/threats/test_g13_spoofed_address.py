"""G13: an invented X-Forwarded-For buys nothing: only our own proxies may say where somebody comes from."""

import random  # noqa: TID251 -- seeded, not cryptography
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.rates.rules import LOGINS
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import Stage
from tests.logs import logged
from tests.sessions.stages import own_stage

REQUESTS = 1_000
CALLBACK = "/auth/callback/workos?code=guess"  # costs a call to WorkOS, so it has a budget per address
PROXY = "203.0.113.7"  # where the tests' requests come from


@pytest.fixture
async def direct(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    async with own_stage(server_url, twin, tmp_path) as found:
        twin.clear_hits()
        yield found


@pytest.fixture
async def proxied(server_url: str, twin: Sandbox, tmp_path: Path) -> AsyncIterator[Stage]:
    async with own_stage(server_url, twin, tmp_path, trusted_proxies=(f"{PROXY}/32", "10.0.0.0/8")) as found:
        twin.clear_hits()
        yield found


def invented(dice: random.Random) -> str:
    return ".".join(str(dice.randrange(1, 255)) for _ in range(4))


async def test_g13_a_thousand_invented_addresses_are_one(direct: Stage) -> None:
    dice, http = random.Random(13), direct.browser().http
    statuses: Counter[int] = Counter()
    with logged("error"):
        for _ in range(REQUESTS):
            headers = {
                "X-Forwarded-For": invented(dice),
                "X-Real-Ip": invented(dice),
                "Forwarded": f"for={invented(dice)}",
            }
            statuses[(await http.get(CALLBACK, headers=headers)).status_code] += 1
    assert statuses[429] >= REQUESTS - 5
    assert direct.exchanges() <= 5


async def test_g13_behind_a_proxy_the_hop_it_wrote_counts(proxied: Stage) -> None:
    dice, http = random.Random(14), proxied.browser().http
    statuses: Counter[int] = Counter()
    with logged("error"):
        for _ in range(100):
            headers = {"X-Forwarded-For": f"{invented(dice)}, 198.51.100.9, 10.0.0.3"}
            statuses[(await http.get(CALLBACK, headers=headers)).status_code] += 1
    assert statuses[429] >= 98
    assert proxied.exchanges() <= 2


async def test_g13_the_log_and_the_audit_name_the_real_address(proxied: Stage) -> None:
    tenant = await a_tenant(proxied)
    with logged() as log:
        browser = proxied.browser(headers={"X-Forwarded-For": "1.1.1.1, 198.51.100.9"})
        await browser.sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
        await browser.http.get("/nowhere")
    assert {line["ip"] for line in log.of("http.request.served")} == {"198.51.100.9"}
    rows = await proxied.sql("select ip from audit_events where action = 'sso.login.completed'")
    assert {row["ip"] for row in rows} == {"198.51.100.9"}


async def test_g13_without_proxies_the_header_is_nobody(direct: Stage) -> None:
    tenant = await a_tenant(direct)
    browser = direct.browser(headers={"X-Forwarded-For": "1.1.1.1"})
    await browser.sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
    (row,) = await direct.sql("select ip from audit_events where action = 'sso.login.completed'")
    assert row["ip"] == PROXY


async def test_g13_sign_ins_with_invented_addresses_are_limited_as_one(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    dice = random.Random(15)
    async with own_stage(server_url, twin, tmp_path, rate_limits="on") as stage:
        http = stage.browser().http
        path = f"/auth/sso?connection={(await a_tenant(stage)).connection_workos_id}"
        with logged("error"):
            statuses: Counter[int] = Counter()
            for _ in range(REQUESTS):
                headers = {"X-Forwarded-For": invented(dice), "Forwarded": f"for={invented(dice)}"}
                statuses[(await http.get(path, headers=headers)).status_code] += 1
    assert statuses == {302: LOGINS.amount, 429: REQUESTS - LOGINS.amount}


async def test_g13_behind_a_proxy_each_real_address_has_its_own_limit(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    async with own_stage(server_url, twin, tmp_path, rate_limits="on", trusted_proxies=(f"{PROXY}/32",)) as stage:
        http = stage.browser().http
        with logged("error"):
            for _ in range(LOGINS.amount):
                await http.get("/auth/sso", headers={"X-Forwarded-For": "198.51.100.9"})
            one = await http.get("/auth/sso", headers={"X-Forwarded-For": "198.51.100.9"})
            assert one.status_code == 429
            other = await http.get("/auth/sso", headers={"X-Forwarded-For": "198.51.100.10"})
            assert other.status_code == 400
