"""Asking: what every request to WorkOS's API has in common: ids that are ids, pages in order, the right object back."""

import re
from collections.abc import Callable
from typing import Final, Protocol, TypeVar, cast

from app.problems import Problem
from app.workos import shapes
from app.workos.errors import UpstreamNotFound
from app.workos.records import Page

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
PAGE: Final[dict[str, object]] = {"limit": 100, "order": "asc"}
"""What is created while we page lands on a page still to come."""


class Identified(Protocol):
    """Has an id of WorkOS's."""

    @property
    def id(self) -> str:
        """The id."""
        ...


T = TypeVar("T")
Named = TypeVar("Named", bound=Identified)


def is_id(identifier: str) -> bool:
    """Return whether this could be an id of WorkOS's."""
    return _ID.fullmatch(identifier) is not None


def require_id(identifier: str) -> None:
    """Refuse what cannot be an id before it becomes part of an address: `..` asks for the parent, "" for everything.

    Raises:
        UpstreamNotFound: WorkOS could have no such object.
    """
    if not is_id(identifier):
        raise UpstreamNotFound


def same(identifier: str, read: Callable[[shapes.Object], Named]) -> Callable[[shapes.Object], Named]:
    """Return a reader that also proves the id: somebody else's object must not pass for the one asked for."""

    def check(answer: shapes.Object) -> Named:
        found = read(answer)
        if found.id != identifier:
            raise shapes.Mismatch("id")
        return found

    return check


def page_of(
    item: Callable[[shapes.Object], T], *, after: str | None, owner: Callable[[T], str | None], asked: str, field: str
) -> Callable[[shapes.Object], Page[T]]:
    """Return a reader of one page whose every item belongs to what was asked for.

    Args:
        item: reads one entry.
        after: the cursor that was asked for.
        owner: tells whose an item is.
        asked: whose items were asked for. A filter that WorkOS ignored would mix tenants.
        field: what the owner is called, for the Mismatch.
    """

    def read(answer: shapes.Object) -> Page[T]:
        page = shapes.page(answer, item, after=after)
        if any(owner(found) != asked for found in page.items):
            raise shapes.Mismatch(field)
        return page

    return read


def window(after: str | None, **asked: object) -> dict[str, object]:
    """Return the parameters of one page."""
    return {**asked, **PAGE, **({"after": after} if after else {})}


def says(problem: Problem, word: str) -> bool:
    """Return whether WorkOS gave this error code."""
    return word in words_of(problem)


def words_of(problem: Problem) -> tuple[str, ...]:
    """Return the error codes that WorkOS gave with a refusal."""
    words = problem.extra.get("upstream_errors")
    return cast("tuple[str, ...]", words) if isinstance(words, tuple) else ()
