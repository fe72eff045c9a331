"""The export: the record batch by batch, each read in a short unit of its own and sent before the next is read.

No transaction waits for a client that reads slowly, and one batch is all that is in memory, however long the record.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Final, Literal

from app.audit import shaping
from app.audit.reading_repository import EventFilter, readable
from app.db.repository import PageRequest, TimeKey
from app.uow import UnitOfWork

Format = Literal["csv", "ndjson"]
Reading = Callable[[], AbstractAsyncContextManager[UnitOfWork]]
_AT_ONCE: Final = 1_000


class ReaderGone(Exception):  # noqa: N818 -- named for what happened
    """Whoever asked for an export may not read the record any more."""


async def export(
    reading: Reading,
    wanted: EventFilter,
    form: Format,
    *,
    order: Literal["asc", "desc"],
    still_may: Callable[[], Awaitable[bool]],
) -> AsyncGenerator[bytes]:
    """Yield the events that are wanted, some hundred kilobytes at a time.

    Args:
        reading: opens a unit that reads as far as the reader may.
        wanted: which events.
        form: the CSV begins with a header; NDJSON has a line per event.
        order: by when they happened.
        still_may: asked before each batch: an export may take longer than a session lives.

    Raises:
        ReaderGone: `still_may` said no; what was sent is no whole file.
    """
    if form == "csv":
        yield shaping.csv_lines([shaping.COLUMNS])
    after: TimeKey | None = None
    while True:
        if not await still_may():
            raise ReaderGone
        events, after = await _batch(reading, wanted, PageRequest(limit=_AT_ONCE, after=after, order=order))
        if events:
            yield shaping.csv_lines(map(shaping.csv_cells, events)) if form == "csv" else shaping.ndjson_lines(events)
        if after is None:
            return


async def _batch(
    reading: Reading, wanted: EventFilter, page: PageRequest[TimeKey]
) -> tuple[list[dict[str, Any]], TimeKey | None]:
    """Return a batch in wire shape, and where the next one begins; None after the last."""
    async with reading() as uow:
        found = await readable(uow).page(page, wanted)
        rows = [line.row for line in found.rows]
        named = await readable(uow).names(rows, shaping.ids_of(rows))
    after = (rows[-1]["occurred_at"], rows[-1]["id"]) if found.has_after else None
    return [shaping.shape(row, named) for row in rows], after
