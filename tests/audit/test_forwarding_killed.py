"""`kill -9` while WorkOS is being told: the next worker goes on, and every event is there once."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from app.audit.forwarding import FORWARD
from sandbox.server import Sandbox
from tests.audit.conftest import describe
from tests.databases import rows
from tests.processes import served, start

PATH = "/audit_logs/events"
HAPPENED = """
with made as (
    insert into audit_events (id, organization_id, action, occurred_at, actor_type, actor_id, targets, metadata)
    select gen_random_uuid(), o.id, 'session.ended', now(), 'system', 'gateway', '[{"type": "session", "id": "s1"}]',
           jsonb_build_object('reason', n::text)
    from organizations o, generate_series(1, 30) as n where o.workos_id = $1 returning id, organization_id
)
insert into audit_unsealed (organization_id, event_id) select organization_id, id from made
"""


async def until(is_so: Callable[[], bool], *, within: float = 40) -> None:
    async with asyncio.timeout(within):
        while not is_so():
            await asyncio.sleep(0.05)


async def test_a_killed_worker_loses_no_event_and_sends_none_twice(server_url: str, tmp_path: Path) -> None:
    twin = Sandbox.from_seed()
    acme = twin.world.organization("Acme Corp").id
    describe(twin)

    def reasons() -> list[str]:
        found = [kept.told for kept in twin.world.audit_events if kept.organization_id == acme]
        return [told["metadata"]["reason"] for told in found if told["action"] == "session.ended"]

    async with twin.running(), served(server_url, twin, tmp_path, AUDIT_FORWARDING="on") as gateway:
        database, log = gateway.settings["DATABASE_URL"], tmp_path / "worker.log"
        worker = start("worker", gateway.settings, log)
        try:
            # Forwarding begins with what is sealed after it was first switched on.
            async with asyncio.timeout(40):
                while not await rows(database, "select 1 from audit_cursors where reader = 'workos'"):
                    await asyncio.sleep(0.1)
            await rows(database, HAPPENED, acme)
            await until(lambda: len(reasons()) >= 5)
        finally:
            worker.kill()
            await asyncio.to_thread(worker.wait, 20)
        assert len(reasons()) < 30, "it was killed in the middle of a batch"
        leased = "select attempts from outbox where job = $1 and status = 'running'"
        assert len(await rows(database, leased, FORWARD)) == 1
        # The lease lasts a minute: it is told to have begun earlier.
        await rows(database, "update outbox set leased_until = now() - interval '1 s' where job = $1", FORWARD)
        worker = start("worker", gateway.settings, log)
        try:
            await until(lambda: len(reasons()) >= 30)
            async with asyncio.timeout(40):
                while await rows(database, "select 1 from outbox where job = $1 and status <> 'done'", FORWARD):
                    await asyncio.sleep(0.1)
        finally:
            worker.terminate()
            assert await asyncio.to_thread(worker.wait, 20) == 0
        assert sorted(reasons(), key=int) == [str(number) for number in range(1, 31)]
        assert len(twin.hits(path=PATH)) > len(twin.world.audit_events), "some were sent again, and added nothing"
