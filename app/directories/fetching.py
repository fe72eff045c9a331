"""Fetching: WorkOS's pages of one directory, read in order and staged in portions, with how far the run is.

Each page is proven to be one (`app/workos/shapes.py`) and read no faster than WorkOS allows. Pages are staged about
once a second, not each in a commit of its own: a directory of a hundred thousand people has four thousand.
A worker that is killed loses that portion, and whoever takes the run up reads it again.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, NamedTuple

from app import uow as units
from app.directories import told
from app.directories.staging_repository import Pages, StagedPage, groups_page, members_page, people_page
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import Place, SyncRuns
from app.directories.told import Mapped
from app.problems import Problem
from app.runtime import Runtime
from app.uow import UnitOfWork
from app.workos.records import DirectoryUser

LASTING: Final = timedelta(minutes=2)
_PORTION: Final = 64
"""Pages that are held in memory at most."""
_EVERY: Final = timedelta(seconds=1)
"""How old what is shown of a run's progress may be, and how long a cancelled one goes on: that, and one page."""
_PAGES_AHEAD: Final = 2
"""Pages of one list that have arrived or are on their way."""
_GROUPS_AT_ONCE: Final = 3
"""Groups whose members are asked for at once: each page of one waits for the page before it, other groups' do not."""
_NEXT: Final = {"groups": "users", "users": "members"}


class Lost(Exception):  # noqa: N818 -- named for what happened
    """The run is not ours any more: it was cancelled, or another worker has it."""


class Left(Exception):  # noqa: N818 -- named for what happened
    """The process ends; what was read is kept, and whoever takes the run up goes on there."""


class _Arrived(NamedTuple):
    """A page that has arrived: WorkOS's cursor after it, and what makes it rows."""

    after: str | None
    staged: Callable[[], StagedPage]


class _Listing:
    """One list of WorkOS's: its pages in their order, the next ones asked for before they are wanted."""

    def __init__(self, ask: Callable[[str | None], Awaitable[_Arrived]], cursor: str | None) -> None:
        self._ask = ask
        self._room = asyncio.Semaphore(_PAGES_AHEAD)
        self._first = self._following(cursor)

    async def next(self) -> _Arrived:
        """Return the next page. Raises what asking for it raised."""
        page, following = await self._first
        self._first = following or self._first
        self._room.release()
        return page

    def asked(self) -> Iterator[asyncio.Task[Any]]:
        """Yield what asks for pages that nobody has taken."""
        task: asyncio.Task[_Linked] | None = self._first
        while task is not None:
            yield task
            task = task.result()[1] if task.done() and not task.cancelled() and not task.exception() else None

    def _following(self, cursor: str | None) -> "asyncio.Task[_Linked]":
        return asyncio.create_task(self._page(cursor))

    async def _page(self, cursor: str | None) -> "_Linked":
        await self._room.acquire()
        page = await self._ask(cursor)
        return page, None if page.after is None else self._following(page.after)


_Linked = tuple[_Arrived, asyncio.Task["_Linked"] | None]
"""A page, and what asks for the one after it."""


class Fetching:
    """One worker's reading of a run's directory, from where the run stands.

    `directory` is WorkOS's id, `mapping` the tenant's: which attribute feeds which field.

    Two things go on beside the reading: the next pages are on their way while one is made rows, and a portion is
    staged while the next is read.
    """

    def __init__(self, runtime: Runtime, run: SyncRun, directory: str, mapping: Mapped) -> None:
        self._mapping = mapping
        self._runtime = runtime
        self._begin = units.hot_beginner(runtime)
        self._run = run
        self._directory = directory
        self._began = run.started_at or run.created_at
        self._place = Place(run.phase, run.cursor, run.group_after)
        self._read: list[StagedPage] = []
        self._kept_at = runtime.clock.now()
        self._groups: deque[str] | None = None
        self._lists = deque[_Listing]()
        self._keeping: asyncio.Task[None] | None = None

    async def go(self, stop: asyncio.Event | None = None) -> None:
        """Read what is left to be read. What was read is kept when a page fails.

        Raises:
            Left: `stop` was set before all was read.
            Lost: somebody else has the run, or nobody wants it any more.
            Problem: WorkOS's answer, as the port raises it.
        """
        try:
            await self._go(stop)
        finally:
            await _end(self._keeping, *(task for listing in self._lists for task in listing.asked()))

    async def _go(self, stop: asyncio.Event | None) -> None:
        try:
            while self._place.phase != "applying":
                if stop is not None and stop.is_set():
                    await self._keep_all()
                    raise Left
                await self._step()
                if len(self._read) >= _PORTION or self._now - self._kept_at >= _EVERY:
                    await self._keep()
        except Problem:
            await self._keep_all()
            raise
        await self._keep_all()

    @property
    def _now(self) -> datetime:
        return self._runtime.clock.now()

    async def _step(self) -> None:
        """Read the page at which the run stands; after the last group's members the listing is complete."""
        if self._place.phase == "members" and not await self._group():
            self._place = Place("applying", None, self._place.group_after)
            return
        self._ask()
        page = await self._lists[0].next()
        if page.after is None:
            self._lists.popleft()
        self._place = self._following(page.after)
        await asyncio.sleep(0)  # the next request leaves now, not when the page is made rows
        self._read.append(page.staged())

    def _ask(self) -> None:
        """Have the list read at which the run stands, and those of the next groups."""
        phase, first, wanted = self._place.phase, len(self._lists), 1
        if phase == "members" and self._groups:
            wanted = min(_GROUPS_AT_ONCE, len(self._groups))
        for at in range(first, wanted):
            group = self._groups[at] if self._groups else ""
            self._lists.append(_Listing(partial(self._answer, phase, group), None if at else self._place.cursor))

    async def _answer(self, phase: str, group: str, cursor: str | None) -> _Arrived:
        workos, directory, at = self._runtime.workos, self._directory, self._began
        match phase:
            case "groups":
                groups = await workos.list_directory_groups(directory=directory, after=cursor)
                return _Arrived(groups.after, lambda: groups_page([told.group(one, at=at) for one in groups.items]))
            case "users":
                people = await workos.list_directory_users(directory=directory, after=cursor)
                return _Arrived(people.after, lambda: self._people(people.items))
            case _:
                members = await workos.list_group_members(directory=directory, group=group, after=cursor)
                return _Arrived(members.after, lambda: members_page(group, [one.id for one in members.items]))

    def _people(self, found: Sequence[DirectoryUser]) -> StagedPage:
        return people_page([told.person(one, at=self._began, mapping=self._mapping) for one in found])

    def _following(self, after: str | None) -> Place:
        """Return where the run stands once this page is read."""
        phase, group_after = self._place.phase, self._place.group_after
        if phase != "members":
            return Place(phase if after else _NEXT[phase], after)
        if after is None and self._groups:
            group_after = self._groups.popleft()
        return Place(phase, after, group_after)

    async def _group(self) -> bool:
        """Return whether there is a group left whose members are to be read."""
        if self._groups is None:
            await self._keep_all()  # what groups there are is read from what is staged
            async with self._unit() as uow:
                self._groups = deque(await Pages(uow, self._run.id).listed_groups(self._place.group_after))
        return bool(self._groups)

    def _unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._begin(self._run.organization_id)

    async def _keep(self) -> None:
        """Have the portion staged while the next one is read, one at a time."""
        await self._kept()
        self._keeping = asyncio.create_task(self._stage(self._place, self._read))
        self._read, self._kept_at = [], self._now

    async def _keep_all(self) -> None:
        """Stage what was read, and return when it is committed."""
        await self._keep()
        await self._kept()

    async def _kept(self) -> None:
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            await keeping

    async def _stage(self, place: Place, read: Sequence[StagedPage]) -> None:
        """Stage a portion and note how far the run is, in one commit."""
        async with self._unit() as uow:
            number = await SyncRuns(uow).progress(self._run, place, read, lasting=LASTING)
            if number is None:
                raise Lost
            await Pages(uow, self._run.id).stage(number - len(read), read)


async def _end(*tasks: asyncio.Task[Any] | None) -> None:
    """End what still goes on beside a reading that is over; what it would have raised has nobody to hear it."""
    going_on = [task for task in tasks if task is not None]
    for task in going_on:
        task.cancel()
    await asyncio.gather(*going_on, return_exceptions=True)
