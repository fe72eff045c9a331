"""Wire shapes of a tenant's sign-in policy."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints

Jit = Literal["never", "without_directory", "always"]
Role = Literal["ROLE_PLATFORM_ADMIN", "ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER", "ROLE_MEMBER"]
ConnectionReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]
Idle = Annotated[StrictInt, Field(ge=900, le=86_400)]
Absolute = Annotated[StrictInt, Field(ge=900, le=604_800)]


class SsoPolicyShape(BaseModel):
    """How the people of a tenant sign in."""

    object: Literal["sso_policy"]
    organization_id: UUID
    enabled: bool = Field(description="Whether anybody may sign in; sessions that live go on.")
    required: bool = Field(description="Whether single sign-on is the only way in (`/auth/discover` says so).")
    default_connection: UUID | None = Field(description="The one that is taken where there are several active ones.")
    jit_provisioning: Jit = Field(
        description="Whether a sign-in adds a person who is not known yet: never, while no directory decides, always."
    )
    default_role: Role = Field(description="Of people whom no role mapping matches.")
    allow_idp_initiated: bool = Field(
        description="Whether a sign-in that the identity provider begins may go on, once the person says yes."
    )
    allow_foreign_domains: bool = Field(description="Whether addresses of domains that are not verified may sign in.")
    hard_delete_removed_users: bool = Field(
        description="Whether the data of whom a directory removes is erased, from now on."
    )
    session_idle_seconds: int
    session_absolute_seconds: int = Field(description="Administrators are signed out after twelve hours at most.")
    version: int = Field(description="It is the ETag.")


class ChangeSsoPolicy(BaseModel):
    """What is to be different; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    enabled: StrictBool | None = None
    required: StrictBool | None = Field(
        None, description="Turning it on answers 409 with whom it would lock out, and who has not come in by it yet."
    )
    default_connection: ConnectionReference | None = Field(
        None, description="Connection id, ours or WorkOS's; null for none.", examples=["conn_01ACME"]
    )
    jit_provisioning: Jit | None = None
    default_role: Role | None = Field(
        None, description="Up to your own role, and never ROLE_PLATFORM_ADMIN; everybody who has the old one follows."
    )
    allow_idp_initiated: StrictBool | None = None
    allow_foreign_domains: StrictBool | None = None
    hard_delete_removed_users: StrictBool | None = None
    session_idle_seconds: Idle | None = Field(None, description="15 minutes to a day; shorter counts at once.")
    session_absolute_seconds: Absolute | None = Field(None, description="15 minutes to a week; shorter counts at once.")
    confirm: StrictBool = Field(default=False, description="Even if people would be locked out.")

    def wanted(self) -> dict[str, Any]:
        """Return what is to be different; `default_connection` may be None, which takes it away."""
        named = self.model_dump(exclude_unset=True, exclude={"confirm"})
        return {name: value for name, value in named.items() if value is not None or name == "default_connection"}
