"""Cursor paging as WorkOS does it: `limit`, `before`, `after`, `order`, and the list envelope."""

from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel

from sandbox.records import Record
from sandbox.refusals import invalid
from sandbox.state import World

Kind = TypeVar("Kind", bound=Record)


class Window(BaseModel):
    """Which part of a list is asked for. `normal` is WorkOS's name for its own order, newest first."""

    limit: int
    before: str | None
    after: str | None
    order: Literal["normal", "asc", "desc"]


async def window(
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    before: str | None = None,
    after: str | None = None,
    order: Literal["normal", "asc", "desc"] = "normal",
) -> Window:
    """Read the paging parameters of a request."""
    return Window(limit=limit, before=before, after=after, order=order)


AskedWindow = Annotated[Window, Depends(window)]


def page(
    world: World,
    records: Iterable[Kind],
    asked: Window,
    shape: Callable[[Kind], dict[str, Any]],
) -> dict[str, Any]:
    """Return one page of records in the list envelope.

    A cursor whose object has been removed since still works: WorkOS orders by id, and so does this, by serial.
    Raises 422 for a cursor that never was an id, or for both cursors at once.
    """
    if asked.before and asked.after:
        raise invalid("Only one of before and after can be used.", before="invalid", after="invalid")
    ordered = sorted(records, key=lambda record: record.serial, reverse=asked.order != "asc")
    start, end = _slice(world, ordered, asked)
    chosen = ordered[start:end]
    return {
        "object": "list",
        "data": [shape(record) for record in chosen],
        "list_metadata": {
            "before": chosen[0].id if chosen and start > 0 else None,
            "after": chosen[-1].id if chosen and end < len(ordered) else None,
        },
    }


def _slice(world: World, ordered: Sequence[Record], asked: Window) -> tuple[int, int]:
    """First and last index of the page (the last one excluded)."""
    if asked.after:
        start = _count_to(world, ordered, asked.after, asked, including=True)
        return start, start + asked.limit
    if asked.before:
        end = _count_to(world, ordered, asked.before, asked, including=False)
        return max(0, end - asked.limit), end
    return 0, asked.limit


def _count_to(world: World, ordered: Sequence[Record], cursor: str, asked: Window, *, including: bool) -> int:
    """How many records stand before the cursor's place, or up to it."""
    serial = world.serials.get(cursor)
    if serial is None:
        raise invalid(f"'{cursor}' is not a cursor.", **{"after" if including else "before": "invalid"})
    sign = 1 if asked.order == "asc" else -1
    place = sign * serial
    return sum(sign * r.serial < place or (including and r.serial == serial) for r in ordered)
