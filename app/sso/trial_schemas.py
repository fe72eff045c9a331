"""Wire shapes of connection tests."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class StartTest(BaseModel):
    """How a test is to go; nothing has to be said."""

    model_config = ConfigDict(extra="forbid")

    return_to: str | None = Field(
        default=None, max_length=2048, description="Where its last page leads: a path, or a URL on an allowed origin."
    )
    login_hint: str | None = Field(
        default=None, max_length=320, description="Address to prefill at the identity provider."
    )


class StartedTest(BaseModel):
    """A test that waits for its browser."""

    authorization_url: str = Field(description="Open it in the browser that you are signed in with, in ten minutes.")
    test_id: UUID
    expires_at: datetime


class StepShape(BaseModel):
    """A step of the sign-in, and what became of it."""

    name: Literal["redirect", "callback", "code", "profile", "attributes", "access", "roles", "session"]
    result: Literal["ok", "warning", "failed", "skipped", "waiting"]
    evidence: str
    remedy: str | None


class MappedValue(BaseModel):
    """What a field would get, and which attribute feeds it."""

    value: str | None
    attribute: str | None = Field(examples=["custom_attributes.department_name"])
    required: bool


class ProblemWords(BaseModel):
    """What a sign-in would have failed with."""

    code: str
    title: str
    detail: str
    remedy: str


class ConnectionTestShape(BaseModel):
    """A test of a connection, step by step; kept for 30 days."""

    object: Literal["connection_test"]
    id: UUID
    organization_id: UUID
    connection_id: UUID
    connection_workos_id: str
    status: Literal["waiting", "running", "passed", "failed", "expired"]
    started_by: UUID
    created_at: datetime
    expires_at: datetime
    finished_at: datetime | None
    steps: list[StepShape]
    attributes: dict[str, Any] = Field(description="What the identity provider sent; what opens something is hidden.")
    mapping: dict[str, MappedValue]
    groups: list[str]
    roles: list[str] = Field(description="Which roles the person would have.")
    problem: ProblemWords | None
