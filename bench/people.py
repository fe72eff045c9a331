"""The directories every target holds or reads: their people, groups and memberships, made from numbers like the world.

Three of them, each in a tenant of its own: one whose people are listed, one whose people change, one that is read from
WorkOS for the first time (and a twentieth of it, for a target that would take ten minutes).
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from bench.world import Tenant, a_uuid

_STRIDE = 1_000_000
SINCE = datetime(2026, 1, 5, 8, tzinfo=UTC)
ROLES = {
    "MemberPulse Admins": "ROLE_CLIENT_ADMIN",
    "MemberPulse Staff": "ROLE_CLIENT_USER",
    "MemberPulse Members": "ROLE_MEMBER",
}
_NAMED = tuple(ROLES)


def instant(at: datetime) -> str:
    """Return an instant as WorkOS and the contract write it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Directory:
    """One directory: so many people, each in `each` of its groups."""

    number: int
    tenant: Tenant
    people: int
    groups: int
    each: int

    @property
    def id(self) -> UUID:
        """Our id."""
        return a_uuid("directory", self.number)

    @cached_property
    def workos_id(self) -> str:
        """WorkOS's id."""
        return f"directory_bench{self.number}"

    @property
    def units(self) -> int:
        """People, groups and memberships together: what a full sync has to look at."""
        return self.people + self.groups + self.people * self.each

    def members(self) -> "list[Member]":
        """Return everybody."""
        return [Member(self, number) for number in range(self.people)]

    def all_groups(self) -> "list[Group]":
        """Return every group."""
        return [Group(self, number) for number in range(self.groups)]


@dataclass(frozen=True, slots=True)
class Group:
    """One group; the first three are those that give roles."""

    directory: Directory
    number: int

    @property
    def id(self) -> UUID:
        """Our id."""
        return a_uuid("group", self.directory.number * _STRIDE + self.number)

    @property
    def workos_id(self) -> str:
        """WorkOS's id."""
        return f"directory_group_b{self.directory.number}_{self.number:06}"

    @property
    def name(self) -> str:
        """Its name."""
        return _NAMED[self.number] if self.number < len(_NAMED) else f"Team {self.number}"

    @property
    def role(self) -> str | None:
        """The role that it gives."""
        return ROLES.get(self.name)

    def told(self) -> dict[str, object]:
        """Return WorkOS's object."""
        return {
            "object": "directory_group",
            "id": self.workos_id,
            "idp_id": f"idp-group-{self.number}",
            "directory_id": self.directory.workos_id,
            "organization_id": self.directory.tenant.workos_id,
            "name": self.name,
            "raw_attributes": {},
            "created_at": instant(SINCE),
            "updated_at": instant(SINCE),
        }


@dataclass(frozen=True, slots=True)
class Member:
    """One person of a directory."""

    directory: Directory
    number: int

    @property
    def id(self) -> UUID:
        """Our id of the directory user."""
        return a_uuid("directory_user", self.directory.number * _STRIDE + self.number)

    @property
    def user_id(self) -> UUID:
        """Our id of the person."""
        return a_uuid("member", self.directory.number * _STRIDE + self.number)

    @property
    def workos_id(self) -> str:
        """WorkOS's id."""
        return f"directory_user_b{self.directory.number}_{self.number:06}"

    @property
    def email(self) -> str:
        """Address in the tenant's verified domain."""
        return f"member{self.number}@{self.directory.tenant.domain}"

    def groups(self) -> list[Group]:
        """Return the groups that this person is in."""
        count, apart = self.directory.groups, self.directory.groups // max(self.directory.each, 1)
        return [Group(self.directory, (self.number + turn * apart) % count) for turn in range(self.directory.each)]

    @property
    def role(self) -> str:
        """The mapped role: by the first rule that fits."""
        names = {group.name for group in self.groups()}
        return next((role for name, role in ROLES.items() if name in names), "ROLE_MEMBER")

    def told(self, first_name: str = "", at: datetime = SINCE) -> dict[str, object]:
        """Return WorkOS's object, with another first name if given, last changed `at`."""
        return {
            "object": "directory_user",
            "id": self.workos_id,
            "directory_id": self.directory.workos_id,
            "organization_id": self.directory.tenant.workos_id,
            "idp_id": f"idp-member-{self.number}",
            "email": self.email,
            "first_name": first_name or f"First{self.number}",
            "last_name": f"Last{self.number}",
            "name": f"{first_name or f'First{self.number}'} Last{self.number}",
            "state": "active",
            "custom_attributes": {"department_name": "Sales", "job_title": "Clerk"},
            "role": {"slug": "member"},
            "roles": [{"slug": "member"}],
            "created_at": instant(SINCE),
            "updated_at": instant(at),
            "emails": [],
            "job_title": None,
            "username": None,
            "raw_attributes": {},
            "groups": [],
        }

    def shown(self) -> str:
        """Return our own object (contract.md, `directory user`) as JSON text."""
        return json.dumps(
            {
                "object": "directory_user",
                "id": str(self.id),
                "workos_id": self.workos_id,
                "directory_id": str(self.directory.id),
                "organization_id": str(self.directory.tenant.id),
                "user_id": str(self.user_id),
                "idp_id": f"idp-member-{self.number}",
                "email": self.email,
                "first_name": f"First{self.number}",
                "last_name": f"Last{self.number}",
                "department": "Sales",
                "job_title": "Clerk",
                "state": "active",
                "roles": [self.role],
                "groups": [{"id": str(g.id), "workos_id": g.workos_id, "name": g.name} for g in self.groups()],
                "custom_attributes": {"department_name": "Sales", "job_title": "Clerk"},
                "created_at": instant(SINCE),
                "updated_at": instant(SINCE),
            },
            separators=(",", ":"),
        )


PAGED = Directory(0, Tenant(1), people=100_000, groups=100, each=1)
CHANGING = Directory(1, Tenant(2), people=20_000, groups=100, each=1)
SYNCED = Directory(2, Tenant(3), people=100_000, groups=1_000, each=3)
SYNCED_PART = Directory(3, Tenant(4), people=5_000, groups=50, each=3)
