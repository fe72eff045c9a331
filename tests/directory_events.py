"""Events about a directory's people, groups and memberships, in WorkOS's form of today and in the seed's."""

import itertools
from dataclasses import dataclass
from typing import Any

from tests.builders import Tenant
from tests.deliveries import Inbox, an_event, moment

_numbers = itertools.count(1)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Home:
    """A directory of a tenant, and what WorkOS would say of it; instants are seconds from now."""

    tenant: Tenant
    id: str

    def event(self, event: str, data: Json, at: float = 0, **fields: Any) -> Json:  # noqa: ANN401 -- JSON
        """Return an event of that instant."""
        return an_event(event, data, created_at=moment(self.tenant.stage, at), **fields)

    def user(self, name: str, at: float = 0, event: str = "created", **data: Any) -> Json:  # noqa: ANN401 -- JSON
        """Return `dsync.user.created` (or `updated`, `deleted`) of a person, in today's form."""
        return self.event(f"dsync.user.{event}", {**self.person(name, at), **data}, at)

    def person(self, name: str, at: float = 0) -> Json:
        """Return a directory user; the address is that of the tenant's person of that name."""
        return {
            "object": "directory_user",
            "id": self.user_id(name),
            "directory_id": self.id,
            "organization_id": self.tenant.workos_id,
            "idp_id": f"idp-{name}-{self.tenant.domain}",
            "email": f"{name}@{self.tenant.domain}",
            "first_name": name.title(),
            "last_name": "Mirrored",
            "state": "active",
            "custom_attributes": {"department_name": "Mirrors", "job_title": "Keeper"},
            "raw_attributes": {},
            "emails": [],
            "groups": [],
            "created_at": "2026-11-01T00:00:00.000Z",
            "updated_at": moment(self.tenant.stage, at),
        }

    def seeds_user(self, name: str, at: float = 0, event: str = "created", **data: Any) -> Json:  # noqa: ANN401 -- JSON
        """Return the same in the seed's older form: no organization, no `idp_id`, no instants of its own."""
        told: Json = {
            "id": self.user_id(name),
            "directory_id": self.id,
            "state": "active",
            "emails": [{"primary": True, "type": "work", "value": f"{name}@{self.tenant.domain}"}],
            "username": f"{name}@{self.tenant.domain}",
            "first_name": name.title(),
            "last_name": "Mirrored",
            "groups": [],
            "raw_attributes": {},
            **data,
        }
        return self.event(f"dsync.user.{event}", told, at)

    def group(self, name: str, at: float = 0, event: str = "created", *, key: str | None = None) -> Json:
        """Return `dsync.group.created` (or `updated`, `deleted`); `key`: whose id it has, if not its name's."""
        return self.event(f"dsync.group.{event}", self.club(name, at, key=key), at)

    def club(self, name: str, at: float = 0, *, key: str | None = None) -> Json:
        """Return a directory group."""
        return {
            "object": "directory_group",
            "id": self.group_id(key or name),
            "idp_id": f"idp-{key or name}",
            "directory_id": self.id,
            "organization_id": self.tenant.workos_id,
            "name": name,
            "raw_attributes": {},
            "created_at": "2026-11-01T00:00:00.000Z",
            "updated_at": moment(self.tenant.stage, at),
        }

    def joined(self, name: str, group: str, at: float = 0, event: str = "added") -> Json:
        """Return `dsync.group.user_added` (or `removed`)."""
        # A membership moves neither's `updated_at` (workos.md, section 3).
        data = {"directory_id": self.id, "user": self.person(name, -500), "group": self.club(group, -500)}
        return self.event(f"dsync.group.user_{event}", data, at)

    def activated(self, at: float = 0, state: str = "active") -> Json:
        """Return `dsync.activated`, whatever state it tells."""
        data: Json = {
            "object": "directory",
            "id": self.id,
            "organization_id": self.tenant.workos_id,
            "type": "okta scim v2.0",
            "name": "Mirror",
            "state": state,
            "domains": [],
            "created_at": "2026-11-01T00:00:00.000Z",
            "updated_at": moment(self.tenant.stage, at),
        }
        return self.event("dsync.activated", data, at)

    def gone(self, at: float = 0) -> Json:
        """Return `dsync.deleted`."""
        return self.event("dsync.deleted", {"id": self.id, "organization_id": self.tenant.workos_id}, at)

    def user_id(self, name: str) -> str:
        """Return WorkOS's id of a person of this directory."""
        return f"directory_user_{self.id}_{name}"

    def group_id(self, name: str) -> str:
        """Return WorkOS's id of a group of this directory."""
        return f"directory_group_{self.id}_{name.replace(' ', '_')}"

    async def synced(self) -> None:
        """Let it count as completely synced: from then on it decides roles."""
        await self.tenant.stage.sql(
            "update directories set last_synced_at = $2 where workos_id = $1", self.id, self.tenant.stage.clock.now()
        )

    async def entry(self, name: str) -> Json:
        """Return the mirror's row of a person."""
        (row,) = await self.tenant.stage.sql(
            "select * from directory_users where organization_id = $1 and workos_id = $2",
            self.tenant.id,
            self.user_id(name),
        )
        return dict(row)

    async def somebody(self, name: str) -> Json:
        """Return the user behind a person of the directory."""
        (row,) = await self.tenant.stage.sql(
            "select u.* from users u join directory_users d on d.user_id = u.id and d.workos_id = $1",
            self.user_id(name),
        )
        return dict(row)

    async def role(self, name: str) -> str:
        """Return the mapped role of a person of the directory."""
        return str((await self.somebody(name))["mapped_role"])


async def a_directory(inbox: Inbox, tenant: Tenant, at: float = 0.5, *, synced: bool = True) -> Home:
    """Return a directory that the tenant has connected, by an event; synced unless told otherwise."""
    home = Home(tenant, f"directory_01MIRROR{next(_numbers):06d}")
    assert await inbox.applied(home.activated(at)) == ["done"]
    if synced:
        await home.synced()
    return home
