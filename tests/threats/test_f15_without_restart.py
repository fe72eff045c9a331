"""F15: a changed setting counts in every process within five seconds, without a restart."""

import asyncio
from collections.abc import Callable

from app.bootstrap import assembled
from app.runtime import Runtime
from tests.builders import a_tenant
from tests.deliveries import Inbox, an_event
from tests.gateway import WEBHOOK_SECRET
from tests.logs import logged
from tests.sessions.stages import beside
from tests.settings.bench import NEW_KEY, OLD_KEY, Bench

MINE = "the-platforms-own-webhook-secret"
PROMISED_S = 5.0


async def until(condition: Callable[[], bool]) -> float:
    """Wait until it holds; return the seconds."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(PROMISED_S):
        while not condition():
            await asyncio.sleep(0.02)
    return asyncio.get_running_loop().time() - began


async def test_f15_every_process_uses_a_new_api_key(bench: Bench) -> None:
    stage, keys = bench.stage, bench.twin.world.credentials.api_keys
    tenant = await a_tenant(stage)
    async with beside(stage) as other, assembled(stage.config, stage.database, role="gw_worker") as worker:
        runtimes: list[Runtime] = [stage.assembly.runtime, other.assembly.runtime, worker.runtime]
        assert {one.in_force.now.api_keys for one in runtimes} == {(OLD_KEY,)}
        keys.append(NEW_KEY)
        assert (await bench.patch(api_key=NEW_KEY)).status_code == 200
        await until(lambda: {one.in_force.now.api_keys for one in runtimes} == {(NEW_KEY,)})
        keys.remove(OLD_KEY)
        bench.twin.clear_hits()
        for gateway in (stage, other):
            browser = gateway.browser()
            answer = await browser.sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
            assert answer.status_code == 303
        for runtime in runtimes:
            assert (await runtime.workos.get_organization(tenant.workos_id)).id == tenant.workos_id
        assert bench.keys_seen() == {NEW_KEY}


async def test_f15_a_process_that_has_not_heard_of_it_asks_when_its_key_is_refused(bench: Bench) -> None:
    """The old key may end at the moment the new one is saved."""
    stage, keys = bench.stage, bench.twin.world.credentials.api_keys
    tenant = await a_tenant(stage)
    async with beside(stage) as other:
        keys.append(NEW_KEY)
        assert (await bench.patch(api_key=NEW_KEY)).status_code == 200
        keys.remove(OLD_KEY)
        answer = await other.browser().sign_in(tenant.people["ada"], connection=tenant.connection_workos_id)
        assert answer.status_code == 303


async def test_f15_webhook_secrets_and_the_default_connection_follow(bench: Bench) -> None:
    tenant = await a_tenant(bench.stage)
    async with beside(bench.stage) as other:
        box = Inbox(other, begin=None)  # type: ignore[arg-type]  # nothing is worked off here
        values = other.assembly.runtime.in_force
        changed = await bench.patch(webhook_secrets=[MINE], default_connection=tenant.connection_workos_id)
        assert changed.status_code == 200
        await until(lambda: values.now.webhook_secrets == (MINE,))
        assert (await box.deliver(an_event(), secret=MINE)).status_code == 200
        assert (await box.deliver(an_event(), secret=WEBHOOK_SECRET)).status_code == 401
        assert (await other.browser().start()).status_code == 302
        assert (await bench.patch(webhook_secrets=None, default_connection=None)).status_code == 200
        await until(lambda: values.now.webhook_secrets == (WEBHOOK_SECRET,))
        assert (await other.browser().start()).json()["code"] == "sso_selector_required"


async def test_f15_while_the_database_is_away_what_was_known_last_stays(bench: Bench) -> None:
    assert (await bench.patch(webhook_secrets=[MINE])).status_code == 200
    with logged() as log:
        await bench.stage.sql("alter table platform_secrets rename to elsewhere")
        try:
            await until(lambda: bool(log.of("db.following.look_failed")))
            assert bench.stage.assembly.runtime.in_force.now.webhook_secrets == (MINE,)
        finally:
            await bench.stage.sql("alter table elsewhere rename to platform_secrets")
    assert (await bench.patch(webhook_secrets=["a-webhook-secret-after-that"])).status_code == 200


async def test_f15_a_process_that_starts_has_them_before_it_is_ready(bench: Bench) -> None:
    assert (await bench.patch(webhook_secrets=[MINE])).status_code == 200
    async with beside(bench.stage) as other:
        assert other.assembly.runtime.in_force.now.webhook_secrets == (MINE,)
        assert (await other.browser().http.get("/readyz")).status_code == 200
