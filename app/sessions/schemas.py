"""Wire shapes of sessions and tokens."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field

from app.http.schemas import List


class SessionUser(BaseModel):
    """The person of a session."""

    id: UUID
    email: str | None = Field(examples=["ada@acme.example"])
    first_name: str | None = Field(examples=["Ada"])
    last_name: str | None = Field(examples=["Lovelace"])
    department: str | None
    job_title: str | None


class SessionOrganization(BaseModel):
    """The organization of a session; absent for emergency access without a platform organization."""

    id: UUID
    workos_id: str | None = Field(examples=["org_01ACME"])
    name: str = Field(examples=["Acme Corp"])


class SessionTimes(BaseModel):
    """When a session began and when it ends."""

    id: UUID
    created_at: datetime
    expires_at: datetime = Field(description="Absolute end.")
    idle_expires_at: datetime = Field(description="End unless the session is used before.")
    auth_time: datetime
    connection_id: UUID | None


class Session(BaseModel):
    """Who am I."""

    user: SessionUser
    organization: SessionOrganization | None
    roles: list[str] = Field(examples=[["ROLE_CLIENT_ADMIN"]])
    permissions: list[str] = Field(examples=[["connections:read", "session:own"]])
    session: SessionTimes


class TokenAnswer(BaseModel):
    """An access token (RFC 6749 section 5.1) and the session it was minted from."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int = Field(description="Seconds.", examples=[300])
    session: Session


class ListedSession(BaseModel):
    """One of a person's own sessions."""

    object: Literal["session"]
    id: UUID
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    auth_time: datetime
    ip: str | None
    user_agent: str | None
    connection_id: UUID | None
    current: bool = Field(description="Whether it is the session of this request.")


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int


class LoggedOut(BaseModel):
    """Where to send the browser to sign out of the identity provider too, if it offers that."""

    logout_url: str | None


class RevocationEntry(BaseModel):
    """Tokens of this session, person, organization, key or id that were issued before `not_after` are void."""

    seq: int = Field(examples=[42])
    type: Literal["sid", "sub", "org", "kid", "jti"] = Field(
        description="What `value` names: the token's `sid`, `sub`, `org_id`, `kid` or `jti`. `jti` is not used yet."
    )
    value: str
    not_after: int = Field(
        description="Seconds since 1970. A token is void when its `iat` is less. Of a `kid` it lies in the year 9999:"
        " whoever stole a key writes any `iat` they like."
    )


class Revocations(List[RevocationEntry]):
    """What is void before its time; `list_metadata.after` is what to read on behind, also when nothing is new."""

    has_more: bool = Field(description="Whether there is more to read at once.")


class BreakGlass(msgspec.Struct, forbid_unknown_fields=True):
    """A one-use token of `memberpulse-auth admin-link`."""

    token: str


class Introspection(BaseModel):
    """RFC 7662. An inactive token has no other member than `active`."""

    active: bool
    token_type: str | None = None
    iss: str | None = None
    sub: UUID | None = None
    aud: list[str] | None = None
    client_id: str | None = None
    org_id: UUID | None = None
    sid: UUID | None = None
    jti: str | None = None
    iat: int | None = None
    nbf: int | None = None
    exp: int | None = None
    auth_time: int | None = None
    amr: list[str] | None = None
    roles: list[str] | None = None
    ver: int | None = None
