"""Read a seed (YAML file or dict), check it, and plant a World from it."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

DEMO = Path(__file__).with_name("seed.yaml")
Seed = str | Path | dict[str, Any]


class Part(BaseModel):
    """A piece of a seed; a misspelt key is refused rather than ignored."""

    model_config = ConfigDict(extra="forbid")


class DomainSeed(Part):
    """A domain of an organization."""

    domain: str
    state: str = "verified"
    id: str | None = None


class ConnectionSeed(Part):
    """An SSO connection."""

    name: str
    type: str = "GenericSAML"
    state: str = "active"
    id: str | None = None
    wire: Literal["current", "legacy"] = "current"
    sends_groups: bool = True
    idp_initiated: bool = True
    fail_with: str | None = None


class DirectorySeed(Part):
    """A directory. The people and groups beside it are in it."""

    name: str
    type: str = "generic scim v2.0"
    state: str = "linked"
    id: str | None = None
    domain: str | None = None
    wire: Literal["current", "legacy"] = "current"


class PersonSeed(Part):
    """A person; `directory: false` keeps them out of the directory, `sso: false` out of the logins."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    idp_id: str | None = None
    id: str | None = None
    department_name: str | None = None
    job_title: str | None = None
    custom_attributes: dict[str, Any] = Field(default_factory=dict)
    groups: list[str] = Field(default_factory=list)
    state: str = "active"
    role: str = "member"
    directory: bool = True
    sso: bool = True


class OrganizationSeed(Part):
    """A tenant. `generated_people` adds that many made-up people, spread over the groups."""

    name: str
    id: str | None = None
    external_id: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    allow_profiles_outside_organization: bool = False
    domains: list[DomainSeed] = Field(default_factory=list[DomainSeed])
    connections: list[ConnectionSeed] = Field(default_factory=list[ConnectionSeed])
    directory: DirectorySeed | None = None
    groups: list[str] = Field(default_factory=list)
    people: list[PersonSeed] = Field(default_factory=list[PersonSeed])
    generated_people: int = 0


class WorldSeed(Part):
    """A whole seed."""

    random_seed: int = 1
    api_keys: list[str] = Field(min_length=1)
    client_id: str
    redirect_uris: list[str] = Field(default_factory=list)
    default_redirect_uri: str
    switches: dict[str, int | bool | float] = Field(default_factory=dict)
    organizations: list[OrganizationSeed] = Field(default_factory=list[OrganizationSeed])


def read(source: Seed | None = None, random_seed: int | None = None) -> WorldSeed:
    """Return a checked seed: the demo world without `source`. Raises `OSError` or `ValueError` with the reason."""
    raw: Any = source if isinstance(source, dict) else yaml.safe_load(Path(source or DEMO).read_text(encoding="utf-8"))
    seed = WorldSeed.model_validate(raw)
    return seed if random_seed is None else seed.model_copy(update={"random_seed": random_seed})
