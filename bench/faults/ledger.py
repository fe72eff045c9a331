"""Ledger: which deliveries got a 2xx, on disk, so that it outlives a crash of the harness itself."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

_EVERY_S = 0.05


class Ledger:
    """Appends event ids and syncs them to the disk every 50 ms.

    One sync per answer would make the harness the slowest part; what a crash could lose are the last 50 ms of promises,
    and a promise that is not in the ledger is merely not checked.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.count = 0
        self._waiting: list[str] = []

    def note(self, event_id: str) -> None:
        """Note that this delivery got a 2xx; once more for each that did."""
        self._waiting.append(event_id)
        self.count += 1

    def write(self) -> None:
        """Append what waits and sync."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        with self.path.open("a", encoding="ascii") as file:
            file.write("\n".join(waiting) + "\n")
            file.flush()
            os.fsync(file.fileno())

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncGenerator[None]:
        """Write behind while this is open."""
        writing = asyncio.create_task(self._write_on())
        try:
            yield
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            self.write()

    async def _write_on(self) -> None:
        while True:
            await asyncio.sleep(_EVERY_S)
            await asyncio.to_thread(self.write)

    def entries(self) -> Iterator[str]:
        """Yield what is on disk, in the order of the answers."""
        self.write()
        if not self.path.exists():
            return
        with self.path.open(encoding="ascii") as file:
            for line in file:
                yield line.rstrip("\n")
