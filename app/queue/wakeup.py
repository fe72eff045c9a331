"""Wakeup: workers hear at once that there is work, instead of at their next look (LISTEN/NOTIFY)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Final

from app import log
from app.db.engine import DriverConnection
from app.kit.backoff import full_jitter
from app.kit.repeated import repeated

INBOX: Final = "inbox"
"""The channel of events that became due."""
SYNCS: Final = "syncs"
"""The channel of sync runs that were queued."""
OUTBOX: Final = "outbox"
"""The channel of work that was written into the outbox."""
_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 5.0
_HEARTBEAT_S = 20.0
_logger = log.get("queue.wakeup")


class Bell:
    """Wakes everybody who waits for it, once per ring."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    @property
    def next(self) -> asyncio.Event:
        """Return the event that the next ring sets.

        Taken before a look for work and waited for after it, a ring in between is not missed.
        """
        return self._next

    def ring(self) -> None:
        """Set the event; the next ring will set another, so that nobody has to clear it."""
        self._next.set()
        self._next = asyncio.Event()


class Wakeup:
    """Listens on one connection of its own, and rings the bell of each channel that is notified.

    A notification that was lost with its connection is made up for by ringing every bell once it is back; polling is
    the net below. Connection poolers in transaction mode deliver none: then polling is all there is.
    """

    def __init__(self, connect: Callable[[], Awaitable[DriverConnection]], channels: Sequence[str]) -> None:
        """Take what opens a connection, under any role: LISTEN needs no right."""
        self._connect = connect
        self._bells = {channel: Bell() for channel in channels}
        self._failures = 0

    def bell(self, channel: str) -> Bell:
        """Return the bell of one of the channels."""
        return self._bells[channel]

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Listen until the block ends, connecting anew as often as it takes; raises nothing."""
        return repeated(self._listen)

    async def _listen(self) -> float:
        """Listen as long as the connection lasts; return the seconds until the next try."""
        try:
            connection = await self._connect()
            try:
                await self._hear(connection)
            finally:
                connection.terminate()  # at once: a goodbye could wait for a server that is away
        except Exception as error:  # noqa: BLE001 -- without it the worker runs on, by polling
            reason = repr(error)
        else:
            reason = "The connection ended."
        if not self._failures:  # once per outage, not once per try
            _logger.warning("queue.wakeup.lost", reason=log.redact(reason)[:300])
        self._failures += 1
        return full_jitter(f"wakeup|{id(self)}", self._failures, base=_FIRST_PAUSE_S, longest=_LONGEST_PAUSE_S)

    async def _hear(self, connection: DriverConnection) -> None:
        ended = asyncio.Event()
        connection.add_termination_listener(lambda _: ended.set())
        for channel, bell in self._bells.items():
            await connection.add_listener(channel, partial(_ring, bell))
        self._failures = 0
        _logger.info("queue.wakeup.listening")
        for bell in self._bells.values():
            bell.ring()  # what was notified while nobody listened
        while not ended.is_set():
            try:
                async with asyncio.timeout(_HEARTBEAT_S):
                    await ended.wait()
            except TimeoutError:
                await connection.fetchval("select 1")  # a connection that a firewall forgot is silent for ever


def _ring(bell: Bell, *_told: object) -> None:
    """Ring, whatever the notification says: there is work is all that a worker needs to know."""
    bell.ring()
