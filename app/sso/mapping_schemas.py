"""Wire shapes of attribute mappings."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.users import attributes
from app.users.attributes import PathMalformed

_DEEPEST = 5
_MOST = 10


def _path(value: str) -> str:
    try:
        path = attributes.normalised(value.strip())
    except PathMalformed:
        raise ValueError('names no attribute: write custom_attributes.department or raw_attributes["a.b"]') from None
    if attributes.depth(path) > _DEEPEST:
        raise ValueError(f"leads through more than {_DEEPEST} names")
    return path


def _once(paths: list[str]) -> list[str]:
    if len(set(paths)) < len(paths):
        raise ValueError("names an attribute twice")
    return paths


Path = Annotated[str, StringConstraints(min_length=1, max_length=256), AfterValidator(_path)]
AnyPaths = Annotated[list[Path], Field(max_length=_MOST), AfterValidator(_once)]
SomePaths = Annotated[list[Path], Field(min_length=1, max_length=_MOST), AfterValidator(_once)]


class MappingFields(BaseModel):
    """Field -> the attributes that feed it, in order of preference: the first with a value wins."""

    model_config = ConfigDict(extra="forbid")

    email: SomePaths | None = Field(None, examples=[["email", "custom_attributes.mail"]])
    first_name: SomePaths | None = None
    last_name: SomePaths | None = None
    roles: AnyPaths | None = Field(
        None, description="Where a sign-in's groups are; the role mappings say which role each gives."
    )
    department: AnyPaths | None = None
    job_title: AnyPaths | None = None


class AttributeMappingsRequest(BaseModel):
    """The whole mapping; a field that is left out, or null, is fed as by default, `[]` by nothing."""

    model_config = ConfigDict(extra="forbid")

    mappings: MappingFields


class MappedFields(BaseModel):
    """Field -> the attributes that feed it."""

    email: list[str]
    first_name: list[str]
    last_name: list[str]
    roles: list[str]
    department: list[str]
    job_title: list[str]


class AttributeMappingsShape(BaseModel):
    """Which attributes of identity provider and directory feed which fields."""

    object: Literal["attribute_mappings"]
    organization_id: UUID
    version: int = Field(description="0 while nothing was written; it is the ETag.")
    source: Literal["default", "organization"]
    mappings: MappedFields
    defaults: MappedFields
    required: list[str] = Field(description="Fields without which nobody signs in.")
