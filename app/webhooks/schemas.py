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
