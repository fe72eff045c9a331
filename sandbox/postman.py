"""Postman: sends what is due in the outbox, beside the API and for as long as the twin runs."""

import asyncio
import contextlib
import time
from typing import Any

import httpx

from sandbox.deliveries import ANSWER_KEPT, Delivery
from sandbox.outbox import Outbox, nobody

TIMEOUT_SECONDS = 10.0


class Postman:
    """Posts deliveries, several at a time; nothing else waits for it."""

    def __init__(self, outbox: Outbox) -> None:
        self.outbox = outbox
        self._awake = asyncio.Event()

    async def run(self) -> None:
        """Send until cancelled; attempts that are on their way then are cancelled too."""
        self.outbox.changed = self._awake.set
        try:
            # A client takes 30 ms to make, which a twin without webhooks need not spend.
            while self.outbox.seconds_to_next() is None:
                self._awake.clear()
                await self._awake.wait()
            # Without the machine's proxies: the gateway is on this machine, and a proxy would not find it.
            async with (
                httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as client,
                asyncio.TaskGroup() as group,
            ):
                while True:
                    self._awake.clear()
                    self._send_due(client, group)
                    await self._nap()
        finally:
            self.outbox.at_work = 0
            self.outbox.changed = nobody

    def _send_due(self, client: httpx.AsyncClient, group: asyncio.TaskGroup) -> None:
        """Begin as many attempts as may be at work at a time."""
        switches = self.outbox.world.switches
        while switches.send_webhooks and self.outbox.at_work < switches.webhook_concurrency:
            delivery = self.outbox.next_due()
            if delivery is None:
                return
            if self.outbox.knows(delivery):
                self.outbox.at_work += 1
                group.create_task(self._attempt(client, delivery))

    async def _nap(self) -> None:
        """Wait until something is due, or changed."""
        switches = self.outbox.world.switches
        full = self.outbox.at_work >= switches.webhook_concurrency
        pause = self.outbox.seconds_to_next() if switches.send_webhooks and not full else None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._awake.wait()

    async def _attempt(self, client: httpx.AsyncClient, delivery: Delivery) -> None:
        """Post once and record how it ended."""
        began, outcome, well = time.perf_counter(), dict[str, Any](), False
        try:
            answer = await client.post(delivery.url, content=delivery.body, headers=delivery.headers)
        except Exception as error:  # noqa: BLE001 - an endpoint that cannot be posted to must not stop the others
            outcome["error"] = f"{type(error).__name__}: {error}".rstrip(": ")
        else:
            outcome |= {"status": answer.status_code, "answer": answer.text[:ANSWER_KEPT]}
            well = answer.is_success
        finally:
            self.outbox.at_work -= 1
        if self.outbox.knows(delivery):
            milliseconds = round((time.perf_counter() - began) * 1000)
            self.outbox.attempts.add(self.outbox.world.now(), delivery, milliseconds=milliseconds, **outcome)
            self.outbox.ended(delivery, well=well)
        self._awake.set()
