"""Wire shapes that every list shares."""

from typing import Generic, Literal, TypeVar

from pydantic import BaseModel, Field

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
