"""Wire shapes of the record."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


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
