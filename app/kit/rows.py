"""Row: what a database row offers to whoever reads it by column name."""

from typing import Any, Protocol


class Row(Protocol):
    """A driver's record, or a dict that stands for one in a test of something pure."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 -- a column may hold anything
        """Return the column's value."""
        ...
