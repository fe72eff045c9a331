"""Keyset pages: the one way a list is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted: at most `limit` rows after or before a key, in an order."""

    limit: int = 25
    after: UUID | None = None
    before: UUID | None = None
    order: Literal["asc", "desc"] = "desc"


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A page of rows and whether there are more on either side."""

    rows: Sequence[T]
    has_before: bool
    has_after: bool


async def read_page(
    db: AsyncSession, select: Select[T], key: InstrumentedAttribute[UUID], page: PageRequest
) -> Slice[T]:
    """Return one page of `select`, ordered by `key` (UUIDv7, so by time of creation).

    Reads one row more than wanted to know whether there is another page; cost is independent of how far in it is.
    """
    backwards = page.before is not None
    descending = (page.order == "desc") != backwards
    bound: Any = page.before if backwards else page.after
    if bound is not None:
        select = select.where(key < bound if descending else key > bound)
    select = select.order_by(key.desc() if descending else key.asc()).limit(page.limit + 1)
    rows = list((await db.scalars(select)).all())
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    if backwards:
        rows.reverse()
        return Slice(rows, has_before=more, has_after=True)
    return Slice(rows, has_before=page.after is not None, has_after=more)
