"""Fetching: WorkOS's pages of one directory, read in order and staged in portions, with how far the run is.

Each page is proven to be one (`app/workos/shapes.py`) and read no faster than WorkOS allows. Pages are staged about
once a second, not each in a commit of its own: a directory of a hundred thousand people has four thousand.
A worker that is killed loses that portion, and whoever takes the run up reads it again.
"""

from collections import deque
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Final

from app import uow as units
from app.directories import told
from app.directories.staging_repository import Pages, StagedPage, groups_page, members_page, people_page
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import Place, SyncRuns
from app.directories.told import Mapped
from app.problems import Problem
from app.runtime import Runtime
from app.uow import UnitOfWork

LASTING: Final = timedelta(minutes=2)
_PORTION: Final = 64
"""Pages that are held in memory at most."""
_EVERY: Final = timedelta(seconds=1)
"""How old what is shown of a run's progress may be, and how long a cancelled one goes on: that, and one page."""


class Lost(Exception):  # noqa: N818 -- named for what happened
    """The run is not ours any more: it was cancelled, or another worker has it."""


class Fetching:
    """One worker's reading of a run's directory, from where the run stands.

    `directory` is WorkOS's id, `mapping` the tenant's: which attribute feeds which field.
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

    async def go(self) -> None:
        """Read what is left to be read. What was read is kept when a page fails.

        Raises:
            Lost: somebody else has the run, or nobody wants it any more.
            Problem: WorkOS's answer, as the port raises it.
        """
        try:
            while self._place.phase != "applying":
                await self._step()
                if len(self._read) >= _PORTION or self._now - self._kept_at >= _EVERY:
                    await self._keep()
        except Problem:
            await self._keep()
            raise
        await self._keep()

    @property
    def _now(self) -> datetime:
        return self._runtime.clock.now()

    def _unit(self) -> AbstractAsyncContextManager[UnitOfWork]:
        return self._begin(self._run.organization_id)

    async def _step(self) -> None:
        match self._place.phase:
            case "groups":
                await self._read_groups()
            case "users":
                await self._read_people()
            case _:
                await self._read_members()

    async def _read_groups(self) -> None:
        page = await self._runtime.workos.list_directory_groups(directory=self._directory, after=self._place.cursor)
        self._read.append(groups_page([told.group(one, at=self._began) for one in page.items]))
        self._place = Place("groups" if page.after else "users", page.after)

    async def _read_people(self) -> None:
        page = await self._runtime.workos.list_directory_users(directory=self._directory, after=self._place.cursor)
        self._read.append(people_page([told.person(one, at=self._began, mapping=self._mapping) for one in page.items]))
        self._place = Place("users" if page.after else "members", page.after)

    async def _read_members(self) -> None:
        """Read a page of the next group's members; after the last group the listing is complete."""
        if self._groups is None:
            await self._keep()  # what groups there are is read from what is staged
            async with self._unit() as uow:
                self._groups = deque(await Pages(uow, self._run.id).listed_groups(self._place.group_after))
        if not self._groups:
            self._place = Place("applying", None, self._place.group_after)
            return
        group = self._groups[0]
        page = await self._runtime.workos.list_group_members(
            directory=self._directory, group=group, after=self._place.cursor
        )
        self._read.append(members_page(group, [one.id for one in page.items]))
        self._place = Place("members", page.after, self._place.group_after if page.after else group)
        if page.after is None:
            self._groups.popleft()

    async def _keep(self) -> None:
        """Stage what was read and note how far the run is, in one commit."""
        async with self._unit() as uow:
            number = await SyncRuns(uow).progress(self._run, self._place, self._read, lasting=LASTING)
            if number is None:
                raise Lost
            await Pages(uow, self._run.id).stage(number - len(self._read), self._read)
        self._read, self._kept_at = [], self._now
