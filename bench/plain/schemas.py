"""Wire shapes, read from ORM rows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class OrmModel(BaseModel):
    """Reads attributes."""

    model_config = ConfigDict(from_attributes=True)


class UserOut(OrmModel):
    """A person."""

    id: UUID
    email: str | None
    first_name: str | None
    last_name: str | None
    department: str | None
    job_title: str | None


class OrganizationOut(OrmModel):
    """A tenant."""

    id: UUID
    workos_id: str | None
    name: str


class SessionOut(OrmModel):
    """A session's times."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime
    auth_time: datetime
    connection_id: UUID | None


class WhoAmI(OrmModel):
    """GET /auth/session."""

    user: UserOut
    organization: OrganizationOut
    roles: list[str]
    permissions: list[str]
    session: SessionOut


class TokenOut(BaseModel):
    """POST /auth/token."""

    access_token: str
    token_type: str
    expires_in: int
    session: WhoAmI


class Introspection(BaseModel):
    """POST /auth/introspect."""

    active: bool
    token_type: str | None = None
    iss: str | None = None
    sub: str | None = None
    aud: list[str] | None = None
    client_id: str | None = None
    org_id: str | None = None
    sid: str | None = None
    jti: str | None = None
    iat: int | None = None
    nbf: int | None = None
    exp: int | None = None
    auth_time: int | None = None
    amr: list[str] | None = None
    roles: list[str] | None = None
    ver: int | None = None


class Jwk(BaseModel):
    """One key."""

    kty: str
    crv: str
    x: str
    y: str
    use: str = "sig"
    alg: str
    kid: str


class Jwks(BaseModel):
    """GET /.well-known/jwks.json."""

    keys: list[Jwk]


class Received(BaseModel):
    """POST /webhooks/workos."""

    received: bool


class GroupOut(OrmModel):
    """A group that somebody is in."""

    id: UUID
    workos_id: str
    name: str


class DirectoryUserOut(OrmModel):
    """A person of a directory."""

    object: str = "directory_user"
    id: UUID
    workos_id: str
    directory_id: UUID
    organization_id: UUID
    user_id: UUID | None
    idp_id: str | None
    email: str | None
    first_name: str | None
    last_name: str | None
    department: str | None
    job_title: str | None
    state: str
    roles: list[str]
    groups: list[GroupOut]
    custom_attributes: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class ListMetadata(BaseModel):
    """Where the neighbouring pages are."""

    before: UUID | None
    after: UUID | None


class DirectoryUsers(OrmModel):
    """GET /api/directories/{id}/users."""

    object: str = "list"
    data: list[DirectoryUserOut]
    list_metadata: ListMetadata
