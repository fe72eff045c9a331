"""D10: what was answered 2xx is kept, however often the process is killed."""

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import httpx

from sandbox.server import Sandbox
from tests.databases import rows
from tests.deliveries import an_event, signature
from tests.processes import Served, served

EVENTS, KILLS, SENDERS = 2000, 5, 16


async def test_d10_five_kills_in_a_storm_lose_nothing(server_url: str, tmp_path: Path) -> None:
    twin = Sandbox.from_seed()
    async with twin.running(), served(server_url, twin, tmp_path) as gateway:
        waiting = [an_event() for _ in range(EVENTS)]
        everything = {event["id"] for event in waiting}
        taken: set[str] = set()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(SENDERS):
                tasks.create_task(_send(gateway, waiting, taken))
            for number in range(KILLS):
                while len(taken) < EVENTS * (number + 1) // (KILLS + 1):
                    await asyncio.sleep(0.005)
                await gateway.killed_and_started_again()
        kept = await rows(
            gateway.settings["DATABASE_URL"], "select event_id, count(*) as n from webhook_events group by 1"
        )
    assert taken == everything
    assert {row["event_id"]: row["n"] for row in kept} == dict.fromkeys(everything, 1)


async def _send(gateway: Served, waiting: list[dict[str, object]], taken: set[str]) -> None:
    """Send what waits, again and again until each was answered 2xx, as WorkOS does."""
    async with httpx.AsyncClient(base_url=gateway.url, timeout=5) as client:
        while waiting:
            event = waiting.pop()
            body = json.dumps(event).encode()
            signed = {"WorkOS-Signature": signature(body, datetime.now(UTC))}  # noqa: TID251 -- a real process's clock
            try:
                answer = await client.post("/webhooks/workos", content=body, headers=signed)
            except httpx.HTTPError:
                waiting.append(event)
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code in {200, 503}, answer.text
            if answer.status_code == 200:
                taken.add(str(event["id"]))
            else:
                waiting.append(event)
