"""Sender: delivers as WorkOS does: many at a time, and whatever is not answered 2xx once more, a little later."""

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from bench.faults.ledger import Ledger
from bench.faults.wire import Wire

_PAUSE_S = 0.1
_LONGEST_S = 1.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery of an event: its bytes, how old its signature is, how many seconds after its turn it is sent."""

    event_id: str
    body: bytes
    age: float = 0.0
    late: float = 0.0


@dataclass(slots=True)
class Sent:
    """What the sender saw: statuses (0: no answer), and per 2xx the instant (monotonic) and its latency in seconds."""

    statuses: Counter[int] = field(default_factory=Counter[int])
    answered: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])

    def gap_after(self, instant: float) -> float:
        """Return the seconds from an instant to the first 2xx of a delivery that was sent after it."""
        later = [at for at, took in self.answered if at - took >= instant]
        return min(later) - instant if later else float("inf")


class Sender:
    """Sends deliveries over so many connections, at most `rate` a second (0: as fast as they are taken)."""

    def __init__(self, port: int, secret: str, ledger: Ledger, *, connections: int = 16, retry: bool = True) -> None:
        self.sent = Sent()
        self._ledger = ledger
        self._wires = [Wire(port, secret) for _ in range(connections)]
        self._retry = retry

    async def send(self, deliveries: Iterable[Delivery] | AsyncIterable[Delivery], *, rate: float = 0) -> Sent:
        """Deliver them all; return when each was answered 2xx (or once, without retries, or a stale one)."""
        queue: asyncio.Queue[Delivery | None] = asyncio.Queue(4 * len(self._wires))
        async with asyncio.TaskGroup() as tasks:
            for wire in self._wires:
                tasks.create_task(self._work(wire, queue))
            async for delivery in _paced(deliveries, rate):
                if delivery.late:
                    tasks.create_task(self._later(delivery))
                else:
                    await queue.put(delivery)
            for _ in self._wires:
                await queue.put(None)
        return self.sent

    async def at_once(self, deliveries: Sequence[Delivery]) -> Sent:
        """Deliver these side by side, each on its own connection as far as there are connections."""
        return await self.send(deliveries)

    async def close(self) -> None:
        """Close the connections."""
        for wire in self._wires:
            await wire.close()

    async def _work(self, wire: Wire, queue: asyncio.Queue[Delivery | None]) -> None:
        while (delivery := await queue.get()) is not None:
            await self._deliver(wire, delivery)

    async def _later(self, delivery: Delivery) -> None:
        await asyncio.sleep(delivery.late)
        # The choice of the connection is of no consequence; one of its own would cost a handshake each.
        wire = Wire(self._wires[0].port, self._wires[0].secret)
        await self._deliver(wire, delivery)
        await wire.close()

    async def _deliver(self, wire: Wire, delivery: Delivery) -> None:
        pause = _PAUSE_S
        while True:
            status, began = 0, time.monotonic()
            with contextlib.suppress(OSError):
                status = await wire.post(delivery.body, age=delivery.age)
            now = time.monotonic()
            self.sent.statuses[status] += 1
            if 200 <= status < 300:
                self.sent.answered.append((now, now - began))
                self._ledger.note(delivery.event_id)
                return
            if not self._retry or status in {400, 401, 413}:
                return
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_S)


async def _paced(deliveries: Iterable[Delivery] | AsyncIterable[Delivery], rate: float) -> AsyncIterator[Delivery]:
    """Yield each in its turn, so many a second."""
    began, number = time.monotonic(), 0
    async for delivery in _each(deliveries):
        ahead = number / rate - (time.monotonic() - began) if rate else 0.0
        if ahead > 0:
            await asyncio.sleep(ahead)
        number += 1
        yield delivery


async def _each(deliveries: Iterable[Delivery] | AsyncIterable[Delivery]) -> AsyncIterator[Delivery]:
    if isinstance(deliveries, AsyncIterable):
        async for delivery in deliveries:
            yield delivery
        return
    for delivery in deliveries:
        yield delivery


class Stream:
    """Lets things happen, and yields their deliveries, until it is told to stop; `made` are those that were yielded."""

    def __init__(self, steps: Callable[[], Sequence[Delivery]]) -> None:
        """Take what lets one thing happen and returns its deliveries."""
        self.made: list[Delivery] = []
        self._steps = steps
        self._stopped = False

    def stop(self) -> None:
        """Let nothing more happen."""
        self._stopped = True

    async def __aiter__(self) -> AsyncIterator[Delivery]:
        """Yield them."""
        while not self._stopped:
            for each in self._steps():
                self.made.append(each)
                yield each
            await asyncio.sleep(0)


def shuffled(deliveries: Sequence[Delivery], rng: random.Random, window: int = 0) -> list[Delivery]:
    """Return them in another order: any, or each at most about `window` places from where it was."""
    if not window:
        return rng.sample(deliveries, len(deliveries))
    keyed = sorted(enumerate(deliveries), key=lambda each: each[0] + rng.uniform(0, window))
    return [delivery for _, delivery in keyed]
