"""Wire shapes of directories, their people and groups, and of full syncs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from app.connections.schemas import Provider
from app.portal.schemas import PortalAsk

DirectoryState = Literal["linked", "validating", "invalid_credentials", "unlinked", "deleting", "deleted"]
DirectoryProvider = Literal["okta", "azure", "google", "onelogin", "jumpcloud", "generic"]
PersonState = Literal["active", "inactive", "deleted", "unmanaged"]


class DirectoryShape(BaseModel):
    """A directory of a customer."""

    object: Literal["directory"]
    id: UUID
    workos_id: str = Field(examples=["directory_01OKTA"])
    organization_id: UUID
    name: str
    type: str = Field(description="As WorkOS names it.", examples=["okta scim v2.0"])
    provider: DirectoryProvider
    state: DirectoryState
    scim_endpoint: str | None = Field(description="Always null: WorkOS shows it in the Admin Portal.")
    users_count: int
    groups_count: int
    last_synced_at: datetime | None
    created_at: datetime
    updated_at: datetime


class AddDirectory(PortalAsk):
    """Which provider's directory is to be connected."""

    provider: DirectoryProvider = Field(description="One of GET /api/providers.", examples=["okta"])


class DirectorySetUp(BaseModel):
    """How to connect a directory: open `link` at once, then follow the steps. It is shown this one time."""

    object: Literal["directory_set_up"]
    organization_id: UUID
    provider: Provider
    link: str = Field(description="Into WorkOS's Admin Portal.", examples=["https://setup.workos.com?token=…"])
    expires_at: datetime = Field(description="Of the link: five minutes after it was asked for.")
    steps: list[str]


class GroupName(BaseModel):
    """A group that a person is in."""

    id: UUID
    workos_id: str
    name: str


class DirectoryUserShape(BaseModel):
    """A person of a directory. Client users see them without `custom_attributes`."""

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
    state: PersonState
    roles: list[str]
    groups: list[GroupName]
    custom_attributes: dict[str, Any] = Field(default_factory=dict)
    created_at: datetime
    updated_at: datetime


class DirectoryGroupShape(BaseModel):
    """A group of a directory, and the role that the tenant's rules make of it."""

    object: Literal["directory_group"]
    id: UUID
    workos_id: str = Field(examples=["directory_group_01STAFF"])
    directory_id: UUID
    organization_id: UUID
    idp_id: str | None
    name: str
    roles: list[str]
    members_count: int
    created_at: datetime
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
