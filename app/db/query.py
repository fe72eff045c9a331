"""Driver-level statements that grow by conditions and are read by keyset pages; values travel beside them."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from app.db.repository import PageRequest, Slice, TimeKey, sliced
from app.kit.rows import Row


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a page, and the key by which pages go on."""

    id: UUID
    row: Row


class Query:
    """A statement that ends in a `where` clause, and its values."""

    def __init__(self, statement: str, *values: object) -> None:
        self.statement: str = statement
        self.values: list[Any] = list(values)

    def where(self, condition: str, *values: object) -> None:
        """Add a condition; `{}`, or `{0}` and so on, stand for the values."""
        places = [f"${len(self.values) + number}" for number, _ in enumerate(values, 1)]
        self.values += values
        self.statement += " and " + condition.format(*places)

    def where_given(self, condition: str, value: object | None) -> None:
        """Add a filter, unless it was not asked for."""
        if value is not None:
            self.where(condition, value)

    def named(self, table: str, reference: str) -> None:
        """Want the row of this table that our UUID or WorkOS's id names."""
        try:
            self.where(f"{table}.id = {{}}", UUID(reference))
        except ValueError:
            self.where(f"{table}.workos_id = {{}}", reference)

    def one_page(self, key: str, page: PageRequest[UUID]) -> Literal["asc", "desc"]:
        """Want one page by this column, and a row more, which tells whether there is another; return the order."""
        self.where_given(f"{key} < {{}}" if page.descending else f"{key} > {{}}", page.bound)
        return self._ordered((key,), page)

    def one_page_in_time(self, at: str, key: str, page: PageRequest[TimeKey]) -> Literal["asc", "desc"]:
        """Do as `one_page` in a list by time, whose rows of one instant follow each other by `key`."""
        if page.bound is not None:
            self.where(f"({at}, {key}) {'<' if page.descending else '>'} ({{}}, {{}})", *page.bound)
        return self._ordered((at, key), page)

    def _ordered(self, keys: Sequence[str], page: PageRequest[Any]) -> Literal["asc", "desc"]:
        order: Literal["asc", "desc"] = "desc" if page.descending else "asc"
        by = ", ".join(f"{key} {order}" for key in keys)
        self.statement += f" order by {by} limit {page.limit + 1:d}"
        return order


def lines(rows: Sequence[Row], page: PageRequest[Any]) -> Slice[Line]:
    """Return what a query for one page has found."""
    return sliced([Line(row["id"], row) for row in rows], page)


def containing(text: str) -> str:
    """Return the LIKE pattern of what contains `text`, in which no character is a wildcard."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def by_both_ids(references: Collection[str]) -> tuple[list[UUID], list[str]]:
    """Return our UUIDs and WorkOS's ids among these: a cast of the column would keep its index out."""
    ours: list[UUID] = []
    for reference in references:
        with suppress(ValueError):
            ours.append(UUID(reference))
    return ours, list(references)
