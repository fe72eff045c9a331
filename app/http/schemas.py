"""Wire shapes that routes share: every list's, and instants in a query."""

from datetime import UTC, datetime
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

T = TypeVar("T")


class ListMetadata(BaseModel):
    """Cursors of the neighbouring pages."""

    before: str | None
    after: str | None = Field(examples=[None])


class List(BaseModel, Generic[T]):
    """WorkOS's list envelope."""

    object: Literal["list"]
    data: list[T]
    list_metadata: ListMetadata


def _in_utc(told: datetime) -> datetime:
    try:
        return told.astimezone(UTC)
    except OverflowError:
        raise ValueError("the calendar has no such instant") from None  # the driver would fail at it


Instant = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""An instant that a request names, with its offset; in UTC from here on."""
