"""Following: what a process remembers of the database and looks after again and again."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from app import log
from app.db.engine import is_unavailable
from app.kit.repeated import repeated

POLL_SECONDS: Final = 0.25
TRUST_SECONDS: Final = 0.9  # what is promised is 1 s; the rest is for the request itself
_logger = log.get("db.following")


class Following:
    """Repeats a look at the database, and says how far what it found may be trusted.

    A process that is cut off from the database must not go on with old knowledge: when the last look began more than
    0.9 s ago, `ensure` looks first, and raises what that look raises. `every`: seconds between two looks.
    """

    def __init__(self, what: str, look: Callable[[], Awaitable[None]], *, every: float = POLL_SECONDS) -> None:
        self._what = what
        self._look = look
        self._every = every
        self._began = float("-inf")
        self._running: asyncio.Task[None] | None = None
        self._away = False

    @property
    def is_trusted(self) -> bool:
        """Whether the last look that succeeded began within the last 0.9 s."""
        return asyncio.get_running_loop().time() - self._began < TRUST_SECONDS

    async def ensure(self) -> None:
        """Look, unless what is known may be trusted."""
        if not self.is_trusted:
            await self.look()

    async def look(self) -> None:
        """Return after a look that began after this call; one look serves all who wait for it."""
        if self._running is not None:
            await asyncio.wait([self._running])
        if self._running is None:
            self._running = asyncio.create_task(self._timed())
            self._running.add_done_callback(self._ended)
        await asyncio.shield(self._running)  # whoever leaves takes nobody along

    async def _timed(self) -> None:
        began = asyncio.get_running_loop().time()
        await self._look()
        self._began = began

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running = None
        if not task.cancelled():
            task.exception()  # whoever waits raises it; unread it would be logged as forgotten

    def following(self) -> AbstractAsyncContextManager[None]:
        """Look again and again until the block ends."""
        return repeated(self._follow)

    async def _follow(self) -> float:
        try:
            await self.look()
            self._away = False
        except Exception as error:  # noqa: BLE001 -- a follower that dies would freeze this process's knowledge
            if not (self._away and is_unavailable(error)):
                reason = log.redact(repr(error))[:300]  # cut first, half a secret would pass for none
                _logger.warning("db.following.look_failed", what=self._what, reason=reason)
            self._away = True
        return self._every
