"""Wire shapes of diagnoses."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

CheckName = Literal[
    "settings", "workos", "organization", "policy", "connection", "certificate", "returning", "domain", "mapping",
    "directory", "account", "attempts", "sessions",
]  # fmt: skip


class CheckShape(BaseModel):
    """One thing that was looked at. What `failed` is what a sign-in would fail with; a `warning` stops nobody here."""

    name: CheckName
    result: Literal["ok", "warning", "failed", "unknown"]
    evidence: str
    remedy: str | None


class AttemptShape(BaseModel):
    """An attempt to sign in of the last 30 days; `told` by WorkOS, or seen here."""

    at: datetime
    outcome: Literal["completed", "failed", "told"]
    step: str = Field(examples=["callback"])
    problem: str | None = Field(examples=["login_access_denied"])
    title: str | None
    workos_error: str | None = Field(examples=["access_denied"])
    connection_id: UUID | None
    request_id: str | None


class DiagnosedOrganization(BaseModel):
    """In which organization was looked."""

    id: UUID
    workos_id: str | None
    name: str


class DiagnosisShape(BaseModel):
    """Why a person can, or cannot, sign in."""

    object: Literal["sign_in_diagnosis"]
    email: str
    can_sign_in: bool = Field(
        description="Whether the gateway lets them in once their identity provider has said who they are."
    )
    organization: DiagnosedOrganization | None
    start: str | None = Field(description="The path by which they sign in.")
    checks: list[CheckShape]
    attempts: list[AttemptShape] = Field(description="The last five, the newest first.")
