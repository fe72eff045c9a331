"""Progress: when this process last did a piece of work."""

import time
from collections.abc import Awaitable, Callable


class Progress:
    """Remembers the last piece of work; seconds of a monotonic clock."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._last = monotonic()  # a process that has just started has had no chance yet

    @property
    def silence(self) -> float:
        """Seconds since the last piece of work, or since the start."""
        return self._monotonic() - self._last

    async def watch(self, step: Callable[[], Awaitable[bool]]) -> bool:
        """Take a step and return what it returns; note where it did some work."""
        done = await step()
        if done:
            self._last = self._monotonic()
        return done
