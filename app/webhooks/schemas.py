"""Wire shapes of the inbox."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

StatusWord = Literal["pending", "done", "skipped", "parked", "dead"]


class Received(BaseModel):
    """The delivery is kept."""

    received: Literal[True]


class WebhookEventShape(BaseModel):
    """One event of WorkOS, and what became of it."""

    object: Literal["webhook_event"]
    id: UUID
    event_id: str = Field(examples=["event_01HYGBDMQ"])
    event: str = Field(examples=["connection.activated"])
    status: StatusWord
    source: Literal["webhook", "events_api", "replay"]
    attempts: int = Field(description="How often it failed, so far.")
    last_error: str | None = Field(description="Why it waits or failed, in words.")
    organization_id: UUID | None
    occurred_at: datetime | None
    received_at: datetime
    done_at: datetime | None


class WaitingEvent(BaseModel):
    """An event that is not applied, and why."""

    event_id: str = Field(examples=["event_01HYGBDMQ"])
    event: str = Field(examples=["dsync.user.created"])
    status: Literal["pending", "parked", "dead"]
    occurred_at: datetime | None
    reason: str


class HealedEvent(BaseModel):
    """An event that no webhook brought: it was found in WorkOS's list."""

    event_id: str = Field(examples=["event_01HYGBDMQ"])
    event: str = Field(examples=["dsync.user.created"])
    occurred_at: datetime | None
    received_at: datetime


class WebhookCompleteness(BaseModel):
    """Up to when everything that WorkOS tells has been applied, and what holds that back."""

    object: Literal["webhook_completeness"]
    complete_through: datetime | None = Field(
        description="Every event that WorkOS lists up to this instant is applied; null: that is not known."
    )
    reason: str | None = Field(description="Why it is not known, or what holds it back; null: nothing does.")
    lag_seconds: float | None = Field(description="From then to `checked_at`.")
    checked_at: datetime
    waiting: list[WaitingEvent] = Field(description="What is not applied; the oldest 100, oldest first.")
    waiting_count: int = Field(description="Counted up to 10,000.")
    healed: list[HealedEvent] = Field(description="What only WorkOS's list brought; the newest 100, newest first.")
    healed_count: int = Field(description="Of the last 24 hours, counted up to 10,000.")
