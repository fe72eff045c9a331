"""Pagination: WorkOS's list envelope and its query, with cursors bound to tenant and listing (threats.md E9)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter, itemgetter
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import Depends, Query

from app.db.repository import Key, PageRequest, Slice, TimeKey
from app.http.answers import Answer, json_answer
from app.kit.cursors import CursorInvalid, Cursors, CursorValue
from app.kit.rows import Row
from app.problems import Invalid

MOST: Final = 100
"""Rows of a page at most."""
_FOREIGN: Final = "The cursor is not one of this list."


class PageQuery:
    """The query of a list: `limit`, `after`, `before`, `order`."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Rows of a page.")] = 25,
        after: Annotated[str | None, Query(max_length=4096, description="Cursor: the page after it.")] = None,
        before: Annotated[str | None, Query(max_length=4096, description="Cursor: the page before it.")] = None,
        order: Annotated[Literal["asc", "desc"], Query(description="By time of creation.")] = "desc",
    ) -> None:
        self.limit = limit
        self.after = after
        self.before = before
        self.order: Literal["asc", "desc"] = order

    def request(self, cursors: Cursors, *, bound_to: str) -> PageRequest[UUID]:
        """Return the page that is asked for of a list by id.

        Raises:
            Invalid: both cursors are given, or one is not of this listing and tenant.
        """
        return self._of(lambda text: page_key(cursors, text, bound_to))

    def timed(self, cursors: Cursors, *, bound_to: str) -> PageRequest[TimeKey]:
        """Return the page that is asked for of a list by time; raises as `request`."""
        return self._of(lambda text: _time_key(cursors, text, bound_to))

    def _of(self, key: Callable[[str | None], Key | None]) -> PageRequest[Key]:
        if self.after and self.before:
            raise Invalid("Give `after` or `before`, not both.")
        return PageRequest(limit=self.limit, after=key(self.after), before=key(self.before), order=self.order)


PageDep = Annotated[PageQuery, Depends(PageQuery)]


def page_key(cursors: Cursors, text: str | None, bound_to: str) -> UUID | None:
    """Return the key that a cursor holds, None without one; raises Invalid for one that is not of this listing."""
    match _values(cursors, text, bound_to):
        case None:
            return None
        case (UUID() as key,):
            return key
        case _:
            raise Invalid(_FOREIGN)


def _time_key(cursors: Cursors, text: str | None, bound_to: str) -> TimeKey | None:
    match _values(cursors, text, bound_to):
        case None:
            return None
        case (datetime() as at, UUID() as key):
            return at, key
        case _:
            raise Invalid(_FOREIGN)


def _values(cursors: Cursors, text: str | None, bound_to: str) -> tuple[CursorValue, ...] | None:
    if not text:
        return None
    try:
        return cursors.decode(text, bound_to=bound_to)
    except (CursorInvalid, ValueError):
        raise Invalid(_FOREIGN) from None


def list_answer(
    page: Slice[Any],
    shape: Callable[[Any], Mapping[str, Any]],
    cursors: Cursors,
    *,
    bound_to: str,
    key: Callable[[Any], CursorValue | TimeKey] = attrgetter("id"),
) -> Answer:
    """Return `{"object": "list", "data": …, "list_metadata": {"before", "after"}}`; pages go on by `key` of a row."""
    return json_answer(
        {
            "object": "list",
            "data": [shape(row) for row in page.rows],
            "list_metadata": _metadata(page, cursors, bound_to, key),
        }
    )


def ready_list_answer(
    page: Slice[Row], cursors: Cursors, *, bound_to: str, seen: Callable[[str], str] | None = None
) -> Answer:
    """Return the same of rows (`id`, `shown`) whose JSON is ready: nothing is parsed (speed.md).

    `seen` makes of each what this reader may see; without it all is shown.
    """
    rest = json_answer(_metadata(page, cursors, bound_to, itemgetter("id")))
    texts = [row["shown"] for row in page.rows]
    data = ",".join(map(seen, texts) if seen else texts).encode()
    body = b'{"object":"list","data":[%b],"list_metadata":%b}' % (data, rest.body)
    return Answer(rest.status, body, rest.headers)


def _metadata(
    page: Slice[Any], cursors: Cursors, bound_to: str, key: Callable[[Any], CursorValue | TimeKey]
) -> dict[str, str | None]:
    def cursor(row: Any) -> str:  # noqa: ANN401 -- any model with an id, or row with one
        found = key(row)
        return cursors.encode(found if isinstance(found, tuple) else (found,), bound_to=bound_to)

    return {
        "before": cursor(page.rows[0]) if page.rows and page.has_before else None,
        "after": cursor(page.rows[-1]) if page.rows and page.has_after else None,
    }
