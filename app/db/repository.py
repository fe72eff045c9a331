"""Keyset pages: the one way a list is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


TimeKey = tuple[datetime, UUID]
"""The place of a row in a list by time: rows of one instant follow each other by their ids."""
Key = TypeVar("Key", UUID, TimeKey)


@dataclass(frozen=True, slots=True)
class PageRequest(Generic[Key]):
    """Which page is wanted: at most `limit` rows after or before a key, in an order."""

    limit: int = 25
    after: Key | None = None
    before: Key | None = None
    order: Literal["asc", "desc"] = "desc"

    @property
    def bound(self) -> Key | None:
        """Return the key from which the rows are read; None for the first page."""
        return self.after if self.before is None else self.before

    @property
    def descending(self) -> bool:
        """Return whether the rows are read from the highest key down: before a key, against the page's own order."""
        return (self.order == "desc") != (self.before is not None)


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A page of rows and whether there are more on either side."""

    rows: Sequence[T]
    has_before: bool
    has_after: bool


async def read_page(
    db: AsyncSession, select: Select[T], key: InstrumentedAttribute[UUID], page: PageRequest[UUID]
) -> Slice[T]:
    """Return one page of `select`, ordered by `key` (UUIDv7, so by time of creation).

    Reads one row more than wanted to know whether there is another page; cost is independent of how far in it is.
    """
    if page.bound is not None:
        select = select.where(key < page.bound if page.descending else key > page.bound)
    select = select.order_by(key.desc() if page.descending else key.asc()).limit(page.limit + 1)
    return sliced((await db.scalars(select)).all(), page)


def sliced(found: Sequence[T], page: PageRequest[Any]) -> Slice[T]:
    """Return the page of what was read for it: one row more than wanted, in the order of reading."""
    rows, more = found[: page.limit], len(found) > page.limit
    if page.before is not None:
        return Slice(rows[::-1], has_before=more, has_after=True)
    return Slice(rows, has_before=page.after is not None, has_after=more)
