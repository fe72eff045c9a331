"""Wire shapes of role mappings: the rules, what is asked of them, and what other rules would change."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

MappedRole = Literal["ROLE_PLATFORM_ADMIN", "ROLE_CLIENT_ADMIN", "ROLE_CLIENT_USER", "ROLE_MEMBER"]
Reference = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00-\x1f\x7f]+$")]
GroupName = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[^\x00-\x1f\x7f]+$")]


class RuleRequest(BaseModel):
    """A rule: members of a group, named by its id or by its name, get a role."""

    model_config = ConfigDict(extra="forbid")

    role: MappedRole
    group_id: Reference | None = Field(None, description="Directory group id, ours or WorkOS's.")
    group_name: GroupName | None = Field(
        None,
        description="For the group first seen with this name in each directory, and for the groups of a login.",
        examples=["MemberPulse Staff"],
    )
    directory_id: Reference | None = Field(None, description="Only in this directory; ours or WorkOS's. Else in all.")

    @model_validator(mode="after")
    def _names_one_group(self) -> "RuleRequest":
        if (self.group_id is None) == (self.group_name is None):
            raise ValueError("a rule takes either group_id or group_name")
        return self


class MappingsRequest(BaseModel):
    """All rules of a tenant, in order: the first that matches wins."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleRequest] = Field(max_length=200, description="None gives everybody the default role.")


class MappedGroup(BaseModel):
    """A directory group that gets its role by a rule."""

    id: UUID
    workos_id: str
    directory_id: UUID
    name: str
    members_count: int


class RuleShape(BaseModel):
    """A rule, and the groups whose role it decides."""

    position: int = Field(description="From 1; the lowest that matches wins.")
    role: MappedRole
    match: Literal["id", "name"]
    group_id: UUID | None
    group_name: str | None
    directory_id: UUID | None
    groups: list[MappedGroup]


class MappingsShape(BaseModel):
    """The rules that count in a tenant."""

    object: Literal["role_mappings"]
    organization_id: UUID
    version: int = Field(description="0 while the default rules count; it is the ETag.")
    source: Literal["default", "organization"]
    default_role: str = Field(description="Of people whom no rule matches; a policy of the tenant.")
    rules: list[RuleShape]


class RoleChange(BaseModel):
    """Whose mapped role changes; manual roles stay."""

    user_id: UUID
    email: str | None
    first_name: str | None
    last_name: str | None
    before: str
    after: str


class MappingsWarning(BaseModel):
    """What somebody should know before saying yes."""

    code: Literal["last_admin", "own_access", "people_not_shown"]
    detail: str


class ConsequencesShape(BaseModel):
    """What other rules change."""

    object: Literal["role_mappings_preview"]
    organization_id: UUID
    gained: int = Field(description="People whose new role ranks higher.")
    lost: int = Field(description="People whose new role ranks lower.")
    people: list[RoleChange] = Field(description="The first thousand of them.")
    warnings: list[MappingsWarning]
