"""Repeated: a step that is taken again and again beside a block, and certainly no more when the block has ended."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable


@contextlib.asynccontextmanager
async def repeated(step: Callable[[], Awaitable[float]], *, first: float = 0.0) -> AsyncGenerator[None]:
    """Take the step while the block lasts, `first` seconds from now and then as it says: it returns the next pause.

    The step handles its own exceptions: one that it lets through ends the repetition.
    """
    ended = False

    async def run() -> None:
        # A flag, because a cancellation may be lost on its way through a library that was cleaning up just then:
        # the loop would go on, and whoever waits for it would wait for ever.
        pause = first
        while not ended:
            await asyncio.sleep(pause)
            pause = await step()

    task = asyncio.create_task(run())
    try:
        yield
    finally:
        ended = True
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
