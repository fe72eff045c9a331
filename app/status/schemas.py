"""Wire shapes of integration health."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.audit.schemas import Acknowledgement

StatusWord = Literal["ok", "warning", "failing", "unknown"]


class ObjectHealth(BaseModel):
    """One directory, connection or alert behind an indicator; the worst 20 are shown."""

    id: UUID
    workos_id: str | None = Field(description="Null for an alert.", examples=["directory_01EXAMPLE"])
    name: str = Field(description="Of an alert, its kind.", examples=["Okta"])
    organization_id: UUID
    status: StatusWord
    since: datetime | None = Field(description="Since when it is so, where that is known.")
    evidence: str = Field(examples=["Okta: last synced 2 hours ago."])
    remedy: str | None
    subject: str | None = Field(
        description="Of an alert, whom or what it is about: the person of `new_administrator` by id, the address of "
        "`failed_sign_ins_from_address`, the action of `secret_changed`.",
        examples=[None],
    )
    subject_name: str | None = Field(
        description="Of the person that an alert is about, their name or address of today.", examples=[None]
    )
    count: int | None = Field(description="Of an alert, how often it has happened.", examples=[None])
    acknowledged: Acknowledgement | None = Field(
        description="Of an alert, who has looked at it; null where nobody has since it happened last."
    )


class IndicatorShape(BaseModel):
    """One thing that must work, and whether it does."""

    name: str = Field(description="Stable; docs/status.md has them all.", examples=["last_webhook"])
    status: StatusWord
    since: datetime = Field(description="Since when it is so.")
    evidence: str = Field(description="Why, in words.", examples=["The last delivery came 40 seconds ago."])
    remedy: str | None = Field(description="What to do about it; null where nothing is to be done.")
    objects: list[ObjectHealth] = Field(description="What it is about, where it is about several things.")


class IntegrationStatus(BaseModel):
    """How the integration with WorkOS is: the worst of the indicators, and each of them."""

    status: StatusWord
    checked_at: datetime
    organization_id: UUID | None = Field(description="Whose it is; null: the platform's, with everybody's in it.")
    indicators: list[IndicatorShape]
