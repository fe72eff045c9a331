"""Wire shapes of people, of their roles' explanation, and of what changes them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from app.directories.schemas import PersonState as DirectoryState

Role = Literal["ROLE_PLATFORM_ADMIN", "ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER", "ROLE_MEMBER"]
State = Literal["active", "inactive"]


class KnownAs(BaseModel):
    """A directory's entry of a person."""

    id: UUID
    workos_id: str = Field(examples=["directory_user_01ADA"])
    directory_id: UUID
    directory_name: str
    state: DirectoryState


class UserShape(BaseModel):
    """A person of an organization."""

    object: Literal["user"]
    id: UUID = Field(description="The `sub` of their tokens.")
    organization_id: UUID
    email: str | None
    first_name: str | None
    last_name: str | None
    department: str | None
    job_title: str | None
    state: State = Field(description="An inactive person cannot sign in and has no session.")
    deactivated_by: Literal["admin", "directory"] | None = Field(description="Whose word makes them inactive.")
    mapped_role: Role = Field(description="What groups and rules give.")
    manual_roles: list[Role] = Field(description="What administrators gave beside it.")
    roles: list[Role] = Field(description="What counts now; none of an inactive person.")
    managed_by: Literal["directory", "sso"] | None = Field(description="Who says whether they are let in.")
    directory_users: list[KnownAs]
    last_login_at: datetime | None
    sessions_count: int = Field(description="Live sessions.")
    created_at: datetime
    updated_at: datetime


class ChangeUser(BaseModel):
    """Whether a person is let in."""

    model_config = ConfigDict(extra="forbid")

    state: State
    confirm: StrictBool = Field(default=False, description="Even if no administrator is left.")


class ManualRoles(BaseModel):
    """Every manual role that a person is to have; none takes all away."""

    model_config = ConfigDict(extra="forbid")

    roles: Annotated[list[Role], Field(max_length=4)]
    confirm: StrictBool = Field(default=False, description="Even if no administrator is left.")


class ExplainedRule(BaseModel):
    """A group -> role rule; `position` counts from 1, the first that matches wins."""

    position: int
    role: Role
    matched_by: Literal["group_id", "group_name"]
    group_id: UUID | None
    group_name: str | None
    directory_id: UUID | None


class ExplainedObject(BaseModel):
    """A group, a directory or a connection, by its ids and its name of today."""

    id: UUID
    workos_id: str
    name: str


class Considered(BaseModel):
    """A group of the person, and a rule that matched it, if one did."""

    outcome: Literal["won", "lost", "no_rule"]
    reason: str
    rule: ExplainedRule | None
    group: ExplainedObject
    directory: ExplainedObject
    directory_user_id: UUID


class AskedDirectory(BaseModel):
    """A directory that knows the person, and whether it decides their role."""

    directory: ExplainedObject
    directory_user_id: UUID
    state: DirectoryState
    decides: bool
    reason: str


class MappedRole(BaseModel):
    """The mapped role and what gave it; rule, group and directory only where a directory's group did."""

    role: Role
    in_force: bool = Field(description="False of an inactive person, and of an operator's role elsewhere.")
    source: Literal["directory_rule", "directory_default", "sign_in", "kept", "removed", "default"]
    reason: str
    default_role: Role
    rule: ExplainedRule | None
    group: ExplainedObject | None
    directory: ExplainedObject | None
    connection: ExplainedObject | None = Field(description="By which the person last signed in, if that decided.")
    last_login_at: datetime | None


class Giver(BaseModel):
    """Who gave a role."""

    type: str
    id: str


class GivenRole(BaseModel):
    """A manual role, by whom it was given and when, as the audit record has it."""

    role: Role
    given_by: Giver | None
    given_at: datetime | None


class RoleExplanation(BaseModel):
    """Where each role of a person comes from."""

    object: Literal["role_explanation"]
    user_id: UUID
    organization_id: UUID
    state: State
    roles: list[Role]
    mapped: MappedRole
    manual: list[GivenRole]
    considered: list[Considered]
    directories: list[AskedDirectory]
