"""F4: a ciphertext that was moved or changed opens nothing; what it stood for counts as missing, with an alarm."""

import asyncio

import pytest

from app.kit.sealing import SealBroken
from app.settings import service as settings
from tests.builders import a_tenant
from tests.deliveries import Inbox, an_event
from tests.gateway import WEBHOOK_SECRET
from tests.logs import Log, logged
from tests.sessions.stages import beside
from tests.settings.bench import OLD_KEY, Bench

MINE = "the-platforms-own-webhook-secret"
SWAP = (
    "update platform_secrets p set sealed = o.sealed from platform_secrets o"
    " where p.slot = 'current' and o.slot = 'current' and p.name <> o.name"
)
MOVE = "update platform_secrets set id = gen_random_uuid()"
FLIP = "update platform_secrets set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)"


async def noticed(bench: Bench) -> None:
    """Wait for the follower's next look; nobody tells it that the row has changed."""
    async with asyncio.timeout(5):
        while not bench.stage.assembly.runtime.in_force.now.broken:
            await asyncio.sleep(0.05)


def alarms(log: Log) -> set[tuple[str, str]]:
    return {(line["level"], line["setting"]) for line in log.of("settings.seal.broken")}


@pytest.mark.parametrize("harm", [SWAP, MOVE, FLIP])
async def test_f4_reads_fail_closed(harm: str, bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    assert (await bench.patch(api_key=OLD_KEY, webhook_secrets=[MINE])).status_code == 200
    with logged() as log:
        await bench.stage.sql(harm)
        await noticed(bench)
    assert alarms(log) == {("critical", "api_key"), ("critical", "webhook_secret")}
    bench.twin.clear_hits()
    started = await bench.stage.browser().start(connection=tenant.connection_workos_id)
    assert (started.status_code, started.json()["code"]) == (503, "settings_incomplete")
    box = Inbox(bench.stage, begin=None)  # type: ignore[arg-type]  # nothing is worked off here
    for secret in (MINE, WEBHOOK_SECRET, OLD_KEY):
        answer = await box.deliver(an_event(), secret=secret)
        assert (answer.status_code, answer.json()["code"]) == (503, "settings_incomplete")
    assert bench.twin.hits() == [], "the environment's key does not take its place"
    assert (await bench.read())["unreadable"] == ["api_key", "webhook_secret"]
    assert (await bench.verify())["credentials"]["result"] == "failed"


async def test_f4_a_process_that_starts_then_finds_it_too(bench: Bench) -> None:
    assert (await bench.patch(api_key=OLD_KEY, webhook_secrets=[MINE])).status_code == 200
    await bench.stage.sql(SWAP)
    with logged() as log:
        async with beside(bench.stage) as other:
            values = other.assembly.runtime.in_force.now
    assert (values.api_keys, values.webhook_secrets) == ((), ())
    assert alarms(log) == {("critical", "api_key"), ("critical", "webhook_secret")}


async def test_f4_setting_it_again_is_the_way_out(bench: Bench) -> None:
    assert (await bench.patch(api_key=OLD_KEY, webhook_secrets=[MINE])).status_code == 200
    await bench.stage.sql(SWAP)
    await noticed(bench)
    assert (await bench.patch(api_key=OLD_KEY, webhook_secrets=[MINE])).status_code == 200
    values = bench.stage.assembly.runtime.in_force.now
    assert (values.api_keys, values.webhook_secrets, values.broken) == ((OLD_KEY,), (MINE,), frozenset())


async def test_f4_a_step_of_a_rotation_uses_no_unreadable_secret(bench: Bench) -> None:
    assert (await bench.patch(webhook_secrets=[MINE])).status_code == 200
    await bench.stage.sql(FLIP)
    answer = await bench.rotate("webhook_secret", "stage", "another-webhook-secret")
    assert (answer.status_code, answer.json()["code"]) == (409, "setting_unreadable")


async def test_f4_what_is_broken_is_not_sealed_anew(bench: Bench) -> None:
    assert (await bench.patch(webhook_secrets=[MINE])).status_code == 200
    await bench.stage.sql(FLIP)
    await bench.stage.sql("update platform_secrets set sealed = '1:k0:'::bytea || substring(sealed from 6)")
    async with bench.stage.unit() as uow:
        with pytest.raises(SealBroken):
            await settings.reseal(uow, bench.stage.assembly.runtime.sealer)
