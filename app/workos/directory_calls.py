"""DirectoryCalls: a directory, its people and its groups, page by page and no faster than WorkOS allows."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from app.problems import Problem
from app.workos import shapes
from app.workos.asking import page_of, require_id, same, says, window
from app.workos.calls import Calls
from app.workos.errors import UpstreamRefused, UpstreamUnavailable
from app.workos.pace import Pace
from app.workos.records import Directory, DirectoryGroup, DirectoryPull, DirectoryUser, Member, Page
from app.workos.turns import turn

Person = TypeVar("Person", DirectoryUser, Member)


class DirectoryCalls:
    """The directory part of the port (see there), in a lane of its own: a slow sync stops no login."""

    def __init__(
        self, calls: Calls, members: Calls, pace: Pace, *, longest_wait: float, monotonic: Callable[[], float]
    ) -> None:
        """Take what reads people, and what reads only who they are; the longest wait for a turn is in seconds."""
        self._calls = calls
        self._members = members
        self._pace = pace
        self._longest_wait = longest_wait
        self._monotonic = monotonic

    async def get(self, directory: str) -> Directory:
        """Return a directory."""
        require_id(directory)
        return await self._calls.get("directories", directory, read=same(directory, shapes.directory))

    async def get_user(self, user: str) -> DirectoryUser:
        """Return a person of a directory."""
        require_id(user)
        return await self._calls.get("directory_users", user, read=same(user, shapes.directory_user))

    async def list_users(self, directory: str, after: str | None) -> Page[DirectoryUser]:
        """Return one page of a directory's people, in the directory's turn."""
        require_id(directory)
        return await self._list(
            self._calls, shapes.directory_user, directory, window(after, directory=directory), after
        )

    async def list_members(self, directory: str, group: str, after: str | None) -> Page[Member]:
        """Return one page of a group's members, in the directory's turn.

        They are asked for by the group alone: were the directory sent along and the group ignored, everybody in the
        directory would pass for a member.
        """
        require_id(directory)
        require_id(group)
        return await self._list(self._members, shapes.member, directory, window(after, group=group), after)

    async def list_groups(self, directory: str, after: str | None) -> Page[DirectoryGroup]:
        """Return one page of a directory's groups."""
        require_id(directory)
        read = page_of(shapes.directory_group, after=after, owner=_home, asked=directory, field="directory_id")
        return await self._calls.get("directory_groups", params=window(after, directory=directory), read=read)

    async def pull(self, directory: str) -> DirectoryPull:
        """Ask WorkOS to read the directory again, once, and return what became of it."""
        require_id(directory)
        return await self._calls.post("directories", directory, "sync", read=_queued, refused=_not_pulled)

    async def _list(
        self,
        calls: Calls,
        item: Callable[[shapes.Object], Person],
        directory: str,
        params: dict[str, object],
        after: str | None,
    ) -> Page[Person]:
        read = page_of(item, after=after, owner=_home, asked=directory, field="directory_id")
        return await calls.get_in_turn("directory_users", params=params, read=read, turn=lambda: self._turn(directory))

    def _turn(self, directory: str) -> AbstractAsyncContextManager[None]:
        return turn(self._pace, directory, self._monotonic, self._longest_wait)


def _home(found: DirectoryUser | DirectoryGroup | Member) -> str:
    return found.directory_id


def _queued(answer: shapes.Object) -> DirectoryPull:
    if answer.get("status") != "queued":
        raise shapes.Mismatch("status")
    return DirectoryPull("queued")


def _not_pulled(problem: Problem) -> DirectoryPull | None:
    """Return what a refusal means for this directory; `None` where it says something about all calls."""
    if isinstance(problem, UpstreamUnavailable):
        if says(problem, "directory_sync_rate_limited"):
            return DirectoryPull("rate_limited", problem.retry_after)
        if says(problem, "directory_sync_disabled"):
            return DirectoryPull("disabled")
    if isinstance(problem, UpstreamRefused):
        if says(problem, "directory_sync_in_progress"):
            return DirectoryPull("in_progress")
        if says(problem, "directory_sync_unsupported"):
            return DirectoryPull("unsupported")
    return None
