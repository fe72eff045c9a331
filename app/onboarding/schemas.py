"""Wire shapes of tenants."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class DomainShape(BaseModel):
    """An e-mail domain of a tenant."""

    domain: str = Field(examples=["acme.example"])
    state: Literal["pending", "verified", "failed"]


class OrganizationName(BaseModel):
    """A tenant, as its client users see it."""

    object: Literal["organization"]
    id: UUID
    name: str = Field(examples=["Acme Corp"])
    domains: list[DomainShape]


class OrganizationShape(OrganizationName):
    """A tenant, as administrators see it."""

    workos_id: str | None = Field(examples=["org_01ACME"])
    slug: str
    state: Literal["active", "suspended"]
    created_at: datetime
    updated_at: datetime


class CreateOrganization(BaseModel):
    """A new tenant; with `workos_id` it is linked and imported, without it WorkOS gets a new organization."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    workos_id: Annotated[str, StringConstraints(pattern=r"^org_[A-Za-z0-9_]{1,120}$")] | None = None


class ChangeOrganization(BaseModel):
    """What may be changed of a tenant. A suspended one lets nobody in."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    state: Literal["active", "suspended"] | None = None
