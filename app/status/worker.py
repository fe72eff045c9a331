"""Readiness of a worker: that of any process, and that what is due moves (threats.md G14)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from app.queue.progress import Progress
from app.status.service import Check, Readiness
from app.webhooks.backlog_repository import Backlog

PATIENCE_S: Final = 60.0
_ANSWERED_WITHIN_S: Final = 2.0


class WorkerReadiness:
    """Whether a worker does its work: not where an event has been due for a minute and this process did nothing."""

    def __init__(self, readiness: Readiness, progress: Progress, backlog: Callable[[], Awaitable[Backlog]]) -> None:
        self._readiness = readiness
        self._progress = progress
        self._backlog = backlog

    async def checks(self) -> Sequence[Check]:
        """Return every condition, within five seconds; raises nothing."""
        return [*await self._readiness.checks(), await self._moves()]

    async def _moves(self) -> Check:
        if self._progress.silence <= PATIENCE_S:
            return Check("queue", ok=True)
        try:
            async with asyncio.timeout(_ANSWERED_WITHIN_S):
                waited = (await self._backlog()).waited
        except Exception:  # noqa: BLE001 -- the database's own check says why
            return Check("queue", ok=False, reason="What is due could not be read.")
        if waited <= PATIENCE_S:
            return Check("queue", ok=True)
        reason = f"An event has been due for {waited:.0f} s, and this process applied none for {PATIENCE_S:.0f} s."
        return Check("queue", ok=False, reason=reason)
