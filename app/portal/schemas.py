"""Wire shapes of Admin Portal links."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from app.workos.gateway import PortalIntent

# An address is judged by the configuration (returning.py); here it is only kept short.
Address = Annotated[str, StringConstraints(min_length=1, max_length=2048)]
OrganizationReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class PortalAsk(BaseModel):
    """For whom a link is, and where the portal leads back to."""

    model_config = ConfigDict(extra="forbid")

    organization: OrganizationReference = Field(
        description="Organization id, ours or WorkOS's.", examples=["org_01ACME"]
    )
    return_url: Address | None = Field(
        None,
        description="Where the portal's way back leads; else WorkOS's own setting.",
        examples=["https://app.memberpulse.example/settings"],
    )
    success_url: Address | None = Field(None, description="Where it leads once set-up is done; else as `return_url`.")


class CreatePortalLink(PortalAsk):
    """What an Admin Portal link is for."""

    intent: PortalIntent = Field(description="Which part of the portal it opens.", examples=["sso"])


class PortalLinkShape(BaseModel):
    """An Admin Portal link: open it at once, in the same browser; it is shown this one time."""

    object: Literal["portal_link"]
    organization_id: UUID
    intent: PortalIntent
    link: str = Field(examples=["https://setup.workos.com?token=…"])
    expires_at: datetime = Field(description="Five minutes after it was asked for.")
