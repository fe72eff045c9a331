"""Batch: requests that arrive together go to the database together, each answered only after its commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

MOST = 128
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batch(Generic[Item, Answer]):
    """Collects while the previous batch commits; `run` gets the items and returns their answers in order.

    An idle batch runs at once (in the loop iteration that filled it), so a lone request waits for nobody.
    `lanes` batches may be under way together, each on a connection of its own; `most` items go into one.
    """

    def __init__(
        self, run: Callable[[int, Sequence[Item]], Awaitable[Sequence[Answer]]], *, lanes: int = 1, most: int = MOST
    ) -> None:
        self._run = run
        self._most = most
        self._free = list(range(lanes))
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._scheduled = False
        self._tasks: set[asyncio.Task[None]] = set()

    def ask(self, item: Item) -> asyncio.Future[Answer]:
        """Return a future that holds the answer once the item's batch has committed."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((item, future))
        if self._free and not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._start)
        return future

    def _start(self) -> None:
        self._scheduled = False
        for _ in range(min(len(self._free), -(-len(self._waiting) // self._most))):
            task = asyncio.get_running_loop().create_task(self._work(self._free.pop()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, lane: int) -> None:
        while self._waiting:
            # A list, not a deque: a whole batch leaves at once.
            taken, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._commit(lane, taken)
        self._free.append(lane)

    async def _commit(self, lane: int, taken: list[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._run(lane, [item for item, _ in taken])
        except Exception as refused:  # noqa: BLE001 -- whatever it was, every request of the batch must hear of it
            for _, future in taken:
                if not future.done():
                    future.set_exception(refused)
            return
        for (_, future), given in zip(taken, answers, strict=True):
            if not future.done():  # the client may have gone
                future.set_result(given)
