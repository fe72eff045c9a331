"""Wire shapes of the record."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Party(BaseModel):
    """Who did it, or what it was done to."""

    type: str = Field(examples=["user"])
    id: str
    name: str | None = Field(description="As it is called today; null for what is gone or erased.")


class Context(BaseModel):
    """From where it was done."""

    ip: str | None
    user_agent: str | None
    request_id: str | None = Field(description="Find it in the log.")


class BrokenSeal(BaseModel):
    """What does not fit the chain, and what that means."""

    organization_id: UUID
    event_id: UUID | None
    position: int | None = Field(description="Its place in the organization's chain; null for one that has none.")
    fault: Literal["changed", "deleted", "inserted", "seal_missing", "cut_off"]
    explanation: str
    remedy: str


class AuditVerification(BaseModel):
    """Whether the record is what was written."""

    object: Literal["audit_verification"]
    organization_id: UUID | None = Field(description="Whose record was checked; null for everybody's.")
    intact: bool
    checked: int = Field(description="Sealed events that were looked at.")
    sealed_through: datetime | None = Field(
        description="When the newest sealed event happened; null before the first. What is newer is sealed in seconds."
    )
    unsealed: int = Field(description="Committed events that wait to be sealed; 100,001 stands for more.")
    first_broken: UUID | None = Field(description="The first event that is not what was sealed; `broken` says why.")
    broken: BrokenSeal | None


class AuditEventShape(BaseModel):
    """One privileged act or sign-in. It is never changed."""

    object: Literal["audit_event"]
    id: UUID
    organization_id: UUID = Field(description="Whose record it stands in; the nil UUID for the platform's own.")
    action: str = Field(description="Dotted, past tense.", examples=["sso.login.completed"])
    occurred_at: datetime
    actor: Party
    targets: list[Party]
    context: Context
    metadata: dict[str, Any]


class Acknowledgement(BaseModel):
    """Who has looked at an alert, and when."""

    at: datetime
    by: Party


class AlertSeen(BaseModel):
    """What of an alert has been looked at."""

    model_config = ConfigDict(extra="forbid")

    count: int = Field(ge=1, description="How often it had happened, as integration health had it.", examples=[1])


class AlertShape(BaseModel):
    """Something unusual in the record."""

    object: Literal["alert"]
    id: UUID
    organization_id: UUID = Field(description="Whose record it is about; the nil UUID for the platform's own.")
    kind: str = Field(examples=["new_administrator"])
    title: str = Field(examples=["Somebody became an administrator."])
    since: datetime
    last_at: datetime = Field(description="When it happened last.")
    count: int
    acknowledged: Acknowledgement | None = Field(
        description="Null: nobody has looked at it since it happened last, or it was over before."
    )
