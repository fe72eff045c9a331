"""The worker as its user runs it: woken by what is committed, it applies events and runs full syncs by itself."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from app.access.roles import PLATFORM_ADMIN
from app.http.serving import STOP_LIMIT_S
from sandbox import wire_events
from sandbox.server import Sandbox
from tests.databases import rows
from tests.deliveries import an_event, signature
from tests.processes import Served, served, start

OPERATOR = "olivia@memberpulse.example"
GROUP = "MemberPulse Platform Admins"
ROLES = "select mapped_role from users where email = $1"
WOKEN_S = 0.5
"""A quarter of the worker's own interval: what is applied within it was heard of."""


async def deliver(gateway: Served, event: dict[str, Any]) -> None:
    body = json.dumps(event).encode()
    signed = {"WorkOS-Signature": signature(body, datetime.now(UTC))}  # noqa: TID251 -- a real process's clock
    async with httpx.AsyncClient(base_url=gateway.url) as client:
        (await client.post("/webhooks/workos", content=body, headers=signed)).raise_for_status()


async def told(gateway: Served, *kinds: str) -> None:
    """Deliver the newest events of these types."""
    for kind in kinds:
        await deliver(gateway, wire_events.event(gateway.twin.events(kind)[-1]))


async def becomes(gateway: Served, statement: str, value: object, wanted: object, *, within: float) -> float:
    """Return after how many seconds the statement's one value is as wanted."""
    loop = asyncio.get_running_loop()
    began, seen = loop.time(), object()
    while loop.time() - began < within:
        found = await rows(gateway.settings["DATABASE_URL"], statement, value)
        seen = found[0][0] if found else None
        if seen == wanted:
            return loop.time() - began
        await asyncio.sleep(0.02)
    raise AssertionError(f"{seen!r} is not {wanted!r}")


async def test_a_worker_is_woken_and_does_all_of_its_work(server_url: str, tmp_path: Path) -> None:
    twin = Sandbox.from_seed()
    platform = next(found.id for found in twin.world.organizations.values() if found.external_id == "memberpulse")
    async with twin.running(), served(server_url, twin, tmp_path, PLATFORM_ORGANIZATION=platform) as gateway:
        log = tmp_path / "worker.log"
        worker = start("worker", gateway.settings, log)
        try:
            # A directory that was never read is read without anybody asking.
            await becomes(gateway, ROLES, OPERATOR, PLATFORM_ADMIN, within=25)
            status = "select status from webhook_events where event_id = $1"
            took = list[float]()
            for _ in range(8):
                event = an_event()
                await asyncio.sleep(0.3)
                await deliver(gateway, event)
                took.append(await becomes(gateway, status, event["id"], "skipped", within=5))
            assert max(took) < WOKEN_S, took
            # Operators are made by events too, of the platform's own organization.
            group = next(found.id for found in twin.world.groups.values() if found.name == GROUP)
            operates = f"select mapped_role = '{PLATFORM_ADMIN}' from users where email = $1"  # noqa: S608 -- our own word
            person = next(found.id for found in twin.world.people.values() if found.email == OPERATOR)
            twin.remove_group(group)
            await told(gateway, "dsync.group.deleted")
            await becomes(gateway, operates, OPERATOR, False, within=5)
            home = twin.world.people[person].directory_id
            twin.add_member(twin.add_group(platform, GROUP, directory=home).id, person)
            await told(gateway, "dsync.group.created", "dsync.group.user_added")
            await becomes(gateway, operates, OPERATOR, True, within=5)
        finally:
            worker.terminate()
            code = await asyncio.to_thread(worker.wait, 20)
        assert code == 0, log.read_text()


async def test_a_worker_ends_in_time_in_the_middle_of_a_full_sync(server_url: str, tmp_path: Path) -> None:
    twin = Sandbox.from_seed()
    home = next(iter(twin.world.directories.values()))
    for number in range(12):
        twin.add_group(home.organization_id, f"Club {number}", directory=home.id)
    twin.add_fault("GET /directory*", "latency", delay_ms=2500)
    async with twin.running(), served(server_url, twin, tmp_path) as gateway:
        log = tmp_path / "worker.log"
        worker = start("worker", gateway.settings, log)
        try:
            pages = "select bool_or(pages > 0) from directory_sync_runs where $1::text is not null"
            await becomes(gateway, pages, "", True, within=25)
        finally:
            worker.terminate()
            began = asyncio.get_running_loop().time()
            code = await asyncio.to_thread(worker.wait, 60)
        assert asyncio.get_running_loop().time() - began < STOP_LIMIT_S
        assert code == 0, log.read_text()
        leased = "select count(*) from directory_sync_runs where leased_until > now() and $1::text is not null"
        await becomes(gateway, leased, "", 0, within=1)
