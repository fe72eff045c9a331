"""The worker process itself: what is only put together there is tried there."""

import asyncio
from pathlib import Path
from typing import Any

from sandbox.server import Sandbox
from tests.databases import rows
from tests.gateway import WEBHOOK_SECRET
from tests.processes import served, start

ROLE = "select mapped_role from users where email_lower = $1"


async def test_a_worker_runs_full_syncs_and_knows_the_platforms_people(server_url: str, tmp_path: Path) -> None:
    twin = Sandbox.from_seed()
    platform = next(found.id for found in twin.world.organizations.values() if found.name == "MemberPulse")
    for group in [each.id for each in twin.world.groups.values() if each.name == "MemberPulse Platform Admins"]:
        twin.remove_group(group)  # the first to tell of it must be an event
    async with twin.running(), served(server_url, twin, tmp_path, PLATFORM_ORGANIZATION=platform) as gateway:
        database = gateway.settings["DATABASE_URL"]
        worker = start("worker", gateway.settings, tmp_path / "worker.log")
        try:
            await _found(database, "select 1 from users where email_lower = $1", "olivia@memberpulse.example")
            assert not await rows(database, "select 1 from directory_sync_runs where status = 'failed'")
            twin.give_endpoint(f"{gateway.url}/webhooks/workos", WEBHOOK_SECRET)
            home = next(each.id for each in twin.world.directories.values() if each.organization_id == platform)
            who = {"email": "new@memberpulse.example", "first_name": "New", "last_name": "Operator"}
            twin.add_person(platform, directory=home, groups=["MemberPulse Platform Admins"], **who)
            role = f"{ROLE} and mapped_role = 'ROLE_PLATFORM_ADMIN'"
            assert await _found(database, role, "new@memberpulse.example")
        finally:
            worker.terminate()
            await asyncio.to_thread(worker.wait, 20)


async def _found(database: str, statement: str, *values: object) -> Any:  # noqa: ANN401 -- rows
    async with asyncio.timeout(20):
        while not (found := await rows(database, statement, *values)):
            await asyncio.sleep(0.1)
    return found
