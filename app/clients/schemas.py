"""Wire shapes of service clients."""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

DAY: Final = 24 * 3600
LONGEST_OVERLAP: Final = 30 * DAY
Scope = Literal["tokens:introspect", "revocations:read"]
Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
]


class SecretShape(BaseModel):
    """A secret in force, as far as it is shown again."""

    id: UUID
    last_four: str = Field(examples=["x7Qk"])
    created_at: datetime
    expires_at: datetime | None = Field(description="Null: until it is rotated or its client revoked.")
    last_used_at: datetime | None = Field(description="To the minute.")


class ServiceClientShape(BaseModel):
    """A backend service that may ask the gateway."""

    object: Literal["service_client"]
    id: UUID = Field(description="The user name of HTTP Basic.")
    name: str = Field(examples=["billing"])
    scopes: list[Scope]
    secrets: list[SecretShape] = Field(description="Those in force, the newest first.")
    last_used_at: datetime | None = Field(description="To the minute.")
    created_at: datetime


class ServiceClientWithSecret(ServiceClientShape):
    """A client with its new secret, which nobody can read again."""

    secret: str = Field(description="The password of HTTP Basic; shown this one time.", examples=["mpsc_…"])


def _once(scopes: list[Scope]) -> list[Scope]:
    if len(set(scopes)) != len(scopes):
        raise ValueError("name each scope once")
    return scopes


class CreateServiceClient(BaseModel):
    """A new client."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(description="What operators call it.", examples=["billing"])
    scopes: Annotated[list[Scope], AfterValidator(_once)] = Field(
        min_length=1, max_length=2, examples=[["tokens:introspect"]]
    )


class RotateServiceClient(BaseModel):
    """How long the secrets of before are good yet."""

    model_config = ConfigDict(extra="forbid")

    overlap_seconds: int = Field(
        DAY, ge=0, le=LONGEST_OVERLAP, description="0 ends them at once; a day unless said otherwise, 30 at most."
    )
