"""Batch: requests that arrive together are committed together, each answered only after its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

from app.db.engine import is_unavailable
from app.db.lane import Lane

K = TypeVar("K")
V = TypeVar("V")


class Batch(Generic[K, V]):
    """Collects keys while a statement is under way and sends them with the next one.

    `run` gets the distinct keys and returns a mapping; a key absent from it answers None. It must be one
    transaction that has committed when it returns; one that a key of many makes fail is run again key by key. At
    most `lanes` runs are under way at once; with none under way a key waits for nothing.
    """

    def __init__(
        self, run: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], *, largest: int = 256, lanes: int = 1
    ) -> None:
        self._run = run
        self._largest = largest
        self._lanes = lanes
        self._busy = 0
        self._waiting: list[tuple[K, asyncio.Future[V | None]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, key: K) -> V | None:
        """Return what the run that carried this key answered for it; raises what that run raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[V | None] = loop.create_future()
        self._waiting.append((key, future))
        if self._busy < self._lanes:
            self._busy += 1
            task = loop.create_task(self._drain())
            self._tasks.add(task)  # the loop holds tasks weakly: an unreferenced one may vanish half-way
            task.add_done_callback(self._tasks.discard)
        return await future

    async def _drain(self) -> None:
        taken: list[tuple[K, asyncio.Future[V | None]]] = []
        try:
            while self._waiting:
                taken, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
                await self._flush(taken)
        except BaseException:
            # Cancelled from outside: nobody else would ever wake those who wait.
            left, self._waiting = [*taken, *self._waiting], []
            for _, future in left:
                if not future.done():
                    future.set_exception(ConnectionAbortedError("the batch was cancelled"))
            raise
        finally:
            self._busy -= 1

    async def _flush(self, taken: list[tuple[K, asyncio.Future[V | None]]]) -> None:
        keys = list({key: None for key, _ in taken})
        try:
            found = await self._run(keys)
        except Exception as error:  # noqa: BLE001 -- every caller of this batch must hear of it
            if len(keys) > 1 and not is_unavailable(error):
                await self._one_by_one(taken)
                return
            for _, future in taken:
                if not future.done():
                    future.set_exception(error)
            return
        for key, future in taken:
            if not future.done():  # a caller that left has cancelled its future
                future.set_result(found.get(key))

    async def _one_by_one(self, taken: list[tuple[K, asyncio.Future[V | None]]]) -> None:
        """Run each key alone: one that PostgreSQL refuses must not fail those that came with it."""
        alone: dict[K, list[tuple[K, asyncio.Future[V | None]]]] = {}
        for key, future in taken:
            alone.setdefault(key, []).append((key, future))
        for waiting in alone.values():
            await self._flush(waiting)


async def together(lane: Lane, run: Callable[[Lane, Sequence[K]], Awaitable[Mapping[K, V]]], key: K) -> V | None:
    """Run `run` for this key and for whatever others arrive meanwhile, as one statement on the lane.

    `run` is a function of a module: it names the batch that its keys share.
    """
    batch: Batch[K, V] | None = lane.batches.get(run)
    if batch is None:
        batch = lane.batches[run] = Batch(partial(run, lane), lanes=2)
    return await batch.submit(key)
