"""Wire shapes of directories, their people and groups, and of full syncs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class DirectoryShape(BaseModel):
    """A directory of a tenant."""

    object: Literal["directory"]
    id: UUID
    workos_id: str = Field(examples=["directory_01OKTA"])
    organization_id: UUID
    name: str
    type: str = Field(examples=["okta scim v2.0"])
    provider: str = Field(examples=["okta"])
    state: Literal["linked", "validating", "invalid_credentials", "unlinked", "deleting", "deleted"]
    scim_endpoint: str | None = Field(description="Always null: WorkOS shows it in the Admin Portal only.")
    users_count: int
    groups_count: int
    last_synced_at: datetime | None
    created_at: datetime
    updated_at: datetime


class GroupReference(BaseModel):
    """A group that somebody is in."""

    id: UUID
    workos_id: str
    name: str


class DirectoryUserShape(BaseModel):
    """A person of a directory; `custom_attributes` is left out for client users."""

    object: Literal["directory_user"]
    id: UUID
    workos_id: str = Field(examples=["directory_user_01ADA"])
    directory_id: UUID
    organization_id: UUID
    user_id: UUID | None
    idp_id: str | None
    email: str | None
    first_name: str | None
    last_name: str | None
    department: str | None
    job_title: str | None
    state: Literal["active", "inactive", "deleted", "unmanaged"]
    roles: list[str]
    groups: list[GroupReference]
    custom_attributes: dict[str, Any] | None = None
    created_at: datetime
    updated_at: datetime


class DirectoryGroupShape(BaseModel):
    """A group of a directory."""

    object: Literal["directory_group"]
    id: UUID
    workos_id: str = Field(examples=["directory_group_01ADMINS"])
    directory_id: UUID
    organization_id: UUID
    idp_id: str | None
    name: str
    roles: list[str]
    members_count: int
    updated_at: datetime


class SyncRequest(BaseModel):
    """What a sync is asked to do."""

    model_config = ConfigDict(extra="forbid")

    mode: Literal["apply", "plan"] = Field("apply", description="`plan` shows what would change and changes nothing.")


class SyncProgress(BaseModel):
    """How far a run is."""

    pages: int
    users_seen: int
    groups_seen: int
    users_expected: int | None


class SyncError(BaseModel):
    """Why a run failed, or what it waits for."""

    code: str = Field(examples=["upstream_unavailable"])
    detail: str


class SyncRunShape(BaseModel):
    """A full sync of a directory."""

    object: Literal["directory_sync_run"]
    id: UUID
    directory_id: UUID
    mode: Literal["apply", "plan"]
    status: Literal["queued", "running", "needs_confirmation", "completed", "failed", "cancelled"]
    progress: SyncProgress
    changes: dict[str, Any] | None = Field(description="Counts of what it changed, or would change.")
    plan: list[dict[str, Any]] | None = Field(description="People who are new or change; of a single run only.")
    error: SyncError | None
    requested_by: str
    confirmed_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
