"""Wire shapes of connections and providers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class LastFailure(BaseModel):
    """The last sign-in that failed through a connection."""

    at: datetime
    code: str = Field(examples=["login_access_denied"])


class LastTest(BaseModel):
    """The last test of a connection that came to an end."""

    id: UUID
    at: datetime
    status: Literal["passed", "failed"]


class ConnectionShape(BaseModel):
    """An SSO connection."""

    object: Literal["connection"]
    id: UUID
    workos_id: str = Field(examples=["conn_01OKTA"])
    organization_id: UUID
    type: str = Field(examples=["OktaSAML"])
    protocol: Literal["saml", "oidc"]
    name: str
    state: Literal["active", "inactive", "draft", "validating", "deleted"]
    domains: list[str]
    certificate_expires_at: datetime | None
    last_login_at: datetime | None
    last_failure: LastFailure | None
    last_test: LastTest | None
    created_at: datetime
    updated_at: datetime


class Provider(BaseModel):
    """A provider that we can name."""

    id: str = Field(examples=["okta"])
    name: str = Field(examples=["Okta"])
    kind: Literal["sso", "directory"]
    protocol: str = Field(examples=["saml"])
    type: str = Field(description="WorkOS's type.", examples=["OktaSAML"])
    hint: str
    steps: list[str] = Field(description="How to connect a directory, one after another; empty for SSO.")


class Providers(BaseModel):
    """Identity and directory providers."""

    object: Literal["list"]
    data: list[Provider]
