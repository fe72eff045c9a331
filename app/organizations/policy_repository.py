"""Every statement by which a tenant's policy is read and changed; sign-ins read it by statements of their own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.db.driver import fetch_one
from app.kit.rows import Row
from app.uow import UnitOfWork

FIELDS: Final = (
    "enabled",
    "required",
    "default_connection_id",
    "jit_provisioning",
    "default_role",
    "allow_idp_initiated",
    "allow_foreign_domains",
    "hard_delete_removed_users",
    "session_idle_seconds",
    "session_absolute_seconds",
)
_READ = """
select enabled, required, default_connection_id, jit_provisioning, default_role, allow_idp_initiated,
       allow_foreign_domains, hard_delete_removed_users, session_idle_seconds, session_absolute_seconds, version
from organization_policies where organization_id = $1
"""
_LOCK = f"{_READ} for no key update"
_WRITE = """
update organization_policies
set enabled = $2, required = $3, default_connection_id = $4, jit_provisioning = $5, default_role = $6,
    allow_idp_initiated = $7, allow_foreign_domains = $8, hard_delete_removed_users = $9, session_idle_seconds = $10,
    session_absolute_seconds = $11, version = version + 1
where organization_id = $1
returning enabled, required, default_connection_id, jit_provisioning, default_role, allow_idp_initiated,
          allow_foreign_domains, hard_delete_removed_users, session_idle_seconds, session_absolute_seconds, version
"""


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A tenant's policy as it is kept, and its version."""

    enabled: bool
    required: bool
    default_connection_id: UUID | None
    jit_provisioning: str
    default_role: str
    allow_idp_initiated: bool
    allow_foreign_domains: bool
    hard_delete_removed_users: bool
    session_idle_seconds: int
    session_absolute_seconds: int
    version: int

    def values(self) -> dict[str, Any]:
        """Return what an administrator may change, by its column."""
        return {name: getattr(self, name) for name in FIELDS}


class Policies:
    """The policy of the unit's tenant."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow

    async def get(self) -> StoredPolicy:
        """Return the policy; every tenant has one from its first moment."""
        return _stored(await fetch_one(self._uow.driver, _READ, self._uow.tenant))

    async def lock(self, *, versions: Collection[int] | None) -> StoredPolicy | None:
        """Return the policy, which nobody else changes until the unit ends; None when it is of none of `versions`."""
        found = _stored(await fetch_one(self._uow.driver, _LOCK, self._uow.tenant))
        return found if versions is None or found.version in versions else None

    async def write(self, values: Mapping[str, Any]) -> StoredPolicy:
        """Make every field what `values` says, and return the policy with its new version."""
        wanted = [values[name] for name in FIELDS]
        return _stored(await fetch_one(self._uow.driver, _WRITE, self._uow.tenant, *wanted))


def _stored(row: Row | None) -> StoredPolicy:
    assert row is not None  # noqa: S101 -- a tenant is inserted with its policy
    return StoredPolicy(**{name: row[name] for name in (*FIELDS, "version")})
