"""Verbs of a tenant's sign-in policy: read it, and change it for everybody at once."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from app.access.errors import RoleNotGrantable
from app.access.roles import PLATFORM_ADMIN, above
from app.audit import service as audit
from app.connections.repository import Connections
from app.directories import service as directories
from app.directories import settling
from app.organizations.errors import VersionOutdated
from app.organizations.policy_repository import Policies, StoredPolicy
from app.problems import Invalid
from app.sessions import service as sessions
from app.sso.errors import SsoLockout
from app.sso.lockouts import foresee
from app.uow import UnitOfWork

CHANGED: Final = "sso.policy.changed"
_LIFETIMES: Final = ("session_idle_seconds", "session_absolute_seconds")
_WIDTH_OF_JIT: Final = ("never", "without_directory", "always")


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What is to be different, by field as the API names it, and who wants it.

    `platform` is WorkOS's id of the one organization whose people may be platform administrators; `versions`: only
    where the policy is of one of these, None for any; `confirmed`: even if people are locked out.
    """

    wanted: Mapping[str, Any]
    own: Collection[str]
    platform: str | None = None
    versions: Collection[int] | None = None
    confirmed: bool = field(default=False, kw_only=True)


async def read(uow: UnitOfWork) -> StoredPolicy:
    """Return the policy of the unit's tenant."""
    return await Policies(uow).get()


async def change(uow: UnitOfWork, asked: PolicyChange) -> StoredPolicy:
    """Change the policy of the unit's tenant and let people and sessions follow; return it as it is now.

    What is the same already changes nothing, neither version nor record.

    Raises:
        VersionOutdated: the policy is of another version.
        RoleNotGrantable: the default role, of before or now, is above the caller's own, or nobody's by default.
        Invalid: a connection is not the tenant's, or fields do not go together.
        SsoLockout: people would be locked out or are not seen to get in yet, and that is not confirmed.
    """
    # The mirror first, as settling does: the other way round, two units wait for each other for ever.
    await directories.lock_mirror(uow)
    repository = Policies(uow)
    before = await repository.lock(versions=asked.versions)
    if before is None:
        raise VersionOutdated
    values = {**before.values(), **await _columns(uow, asked.wanted)}
    changes = {name: values[name] for name, value in before.values().items() if values[name] != value}
    if not changes:
        return before
    _require_sound(values, changes, before, asked.own)
    locked_out = await _require_way_in(uow, before, values, confirmed=asked.confirmed)
    now = await repository.write(values)
    await _follow(uow, before, now, platform=asked.platform)
    told = {name: {"before": _json(getattr(before, name)), "after": _json(value)} for name, value in changes.items()}
    confirmed: dict[str, Any] = {} if locked_out is None else {"locked_out": locked_out}
    await audit.record(uow, CHANGED, targets=[("organization", uow.tenant)], changes=told, **confirmed)
    return now


async def _columns(uow: UnitOfWork, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wanted by its column."""
    columns = dict(wanted)
    if "default_connection" in columns:
        reference = columns.pop("default_connection")
        columns["default_connection_id"] = None if reference is None else await _connection(uow, reference)
    return columns


async def _connection(uow: UnitOfWork, reference: str) -> UUID:
    found = await Connections(uow, uow.tenant).find(reference)
    if found is None or found.state == "deleted":
        raise _invalid("default_connection", "is no connection of this organization")
    return found.id


def _require_sound(
    values: Mapping[str, Any], changes: Mapping[str, Any], before: StoredPolicy, own: Collection[str]
) -> None:
    if "default_role" in changes and (
        values["default_role"] == PLATFORM_ADMIN or above({values["default_role"], before.default_role}, own)
    ):
        raise RoleNotGrantable
    if values["required"] and not values["enabled"]:
        raise _invalid("required", "needs `enabled`: else nobody could sign in at all")
    if values["session_idle_seconds"] > values["session_absolute_seconds"]:
        raise _invalid("session_idle_seconds", "is longer than `session_absolute_seconds`")


async def _require_way_in(
    uow: UnitOfWork, before: StoredPolicy, values: Mapping[str, Any], *, confirmed: bool
) -> int | None:
    """Return how many people are locked out by word of who asks; None where nobody is, or it is not the question.

    Raises SsoLockout.
    """
    if not (values["required"] and (not before.required or _narrows(before, values))):
        return None
    found = await foresee(uow, foreign_domains=values["allow_foreign_domains"], jit=values["jit_provisioning"])
    if found.is_harmless:
        return None
    if not confirmed:
        raise SsoLockout(found.said, **found.told())
    return found.count


def _narrows(before: StoredPolicy, values: Mapping[str, Any]) -> bool:
    """Return whether fewer people may sign in than before."""
    width, shut = _WIDTH_OF_JIT.index, before.allow_foreign_domains and not values["allow_foreign_domains"]
    return shut or width(values["jit_provisioning"]) < width(before.jit_provisioning)


async def _follow(uow: UnitOfWork, before: StoredPolicy, now: StoredPolicy, *, platform: str | None) -> None:
    if any(getattr(now, name) < getattr(before, name) for name in _LIFETIMES):
        await sessions.limit(uow, idle_seconds=now.session_idle_seconds, absolute_seconds=now.session_absolute_seconds)
    if now.default_role != before.default_role:
        await settling.follow_default_role(uow, before.default_role, platform=platform)


def _json(value: object) -> object:
    return str(value) if isinstance(value, UUID) else value


def _invalid(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", errors=[{"field": name, "message": message}])
