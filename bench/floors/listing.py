"""Listing: WorkOS's pages over kept raw sockets, decoded no further than a sync needs."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec

Item = TypeVar("Item")
_AHEAD = 8
"""Groups whose members are asked for at once: WorkOS would allow four pages a second, the stand-in as many as come."""


class User(msgspec.Struct):
    """What is stored of a person."""

    id: str
    idp_id: str
    email: str
    first_name: str
    last_name: str
    state: str
    custom_attributes: msgspec.Raw
    updated_at: datetime


class Group(msgspec.Struct):
    """What is stored of a group."""

    id: str
    idp_id: str
    name: str
    updated_at: datetime


class Named(msgspec.Struct):
    """All that a membership needs of a person."""

    id: str


class _Metadata(msgspec.Struct):
    after: str | None


class _Users(msgspec.Struct):
    data: list[User]
    list_metadata: _Metadata


class _Groups(msgspec.Struct):
    data: list[Group]
    list_metadata: _Metadata


class _Members(msgspec.Struct):
    data: list[Named]
    list_metadata: _Metadata


_users = msgspec.json.Decoder(_Users).decode
_groups = msgspec.json.Decoder(_Groups).decode
_members = msgspec.json.Decoder(_Members).decode


class Listing:
    """Reads one WorkOS on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def users(self, directory: str) -> AsyncIterator[list[User]]:
        """Yield a directory's people, page by page."""
        async for page in self._pages(f"/directory_users?directory={directory}", _users):
            yield page

    async def groups(self, directory: str) -> AsyncIterator[list[Group]]:
        """Yield a directory's groups, page by page."""
        async for page in self._pages(f"/directory_groups?directory={directory}", _groups):
            yield page

    async def members(self, groups: Sequence[str]) -> AsyncIterator[tuple[str, list[Named]]]:
        """Yield (group, its members), a few groups ahead."""
        under_way: deque[tuple[str, asyncio.Task[list[Named]]]] = deque()
        loop = asyncio.get_running_loop()
        for group in groups:
            if len(under_way) == _AHEAD:
                name, task = under_way.popleft()
                yield name, await task
            under_way.append((group, loop.create_task(self._members_of(group))))
        for name, task in under_way:
            yield name, await task

    async def _members_of(self, group: str) -> list[Named]:
        return [one async for page in self._pages(f"/directory_users?group={group}", _members) for one in page]

    async def _pages(self, path: str, decode: Any) -> AsyncIterator[Any]:  # noqa: ANN401 -- one of the decoders
        loop = asyncio.get_running_loop()
        path += "&limit=100&order=asc"
        fetching = loop.create_task(self._get(path))
        while True:
            page = decode(await fetching)
            after = page.list_metadata.after
            if after is not None:  # the next page comes while this one is stored
                fetching = loop.create_task(self._get(f"{path}&after={after}"))
            yield page.data
            if after is None:
                return

    async def _get(self, path: str) -> bytes:
        reader, writer = self._free.pop() if self._free else await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer sk_test\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:16]:
            raise LookupError(f"{path} answered {head[:40]!r}")
        body = await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
        self._free.append((reader, writer))
        return body
