"""Driver-level statements that grow by conditions and are read by keyset pages; values travel beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from app.db.repository import PageRequest, Slice, sliced
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

    def where(self, condition: str, value: object) -> None:
        """Add a condition; `{}` or `{0}` stands for the value."""
        self.values.append(value)
        self.statement += " and " + condition.format(f"${len(self.values)}")

    def where_given(self, condition: str, value: object | None) -> None:
        """Add a filter, unless it was not asked for."""
        if value is not None:
            self.where(condition, value)

    def one_page(self, key: str, page: PageRequest) -> Literal["asc", "desc"]:
        """Want one page by this column, and a row more, which tells whether there is another; return the order."""
        self.where_given(f"{key} < {{}}" if page.descending else f"{key} > {{}}", page.bound)
        order: Literal["asc", "desc"] = "desc" if page.descending else "asc"
        self.statement += f" order by {key} {order} limit {page.limit + 1:d}"
        return order


def lines(rows: Sequence[Row], page: PageRequest) -> Slice[Line]:
    """Return what a query for one page has found."""
    return sliced([Line(row["id"], row) for row in rows], page)


def containing(text: str) -> str:
    """Return the LIKE pattern of what contains `text`, in which no character is a wildcard."""
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
