"""Verbs of people: shut out, let in, give manual roles, end sessions; all audited, in the deed's own transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.access.errors import NotPermitted, RoleNotGrantable
from app.access.principal import Principal
from app.access.roles import ADMINS, PLATFORM_ADMIN, RANK, above, lowers
from app.audit import service as audit
from app.directories import evidence
from app.directories import service as directories
from app.directories.evidence import Evidence
from app.organizations.errors import VersionOutdated
from app.people.errors import LastAdministrator, OwnAccess, RemovedByDirectory
from app.people.explanation import Told
from app.people.repository import Held, People
from app.portal import service as portal
from app.problems import NotFound
from app.sessions import service as sessions
from app.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class Change:
    """Who changes whom.

    `platform` is WorkOS's id of the one organization whose people may be platform administrators; `versions`: only
    where the person's is one of these, None for any; `confirmed`: even if no administrator is left.
    """

    person: UUID
    by: Principal
    platform: str | None
    versions: Collection[int] | None = None
    confirmed: bool = False


async def deactivate(uow: UnitOfWork, change: Change) -> None:
    """Shut a person out until an administrator lets them in again, and end all their sessions.

    Raises:
        NotFound: the tenant has no such person.
        VersionOutdated: they are of another version.
        OwnAccess: it is the caller.
        NotPermitted: they have a role above the caller's.
        LastAdministrator: no other administrator is left, and that is not confirmed.
    """
    held = await _hold(uow, change)
    if held.id == change.by.user_id:
        raise OwnAccess
    _require_not_above(held, change)
    if held.state == "active":
        await _require_administrator(uow, held, (), change)
    if (held.state, held.deactivated_by) != ("deactivated", "admin"):
        # Over a directory's removal too: else its next word would undo the administrator's.
        await People(uow).set_state(held.id, "deactivated", "admin")
        await sessions.end_people(uow, [held.id], "deactivated")
        await sessions.void_people(uow, [held.id])
        await portal.revoke(uow, [held.id])
        await audit.record(uow, "user.deactivated", targets=[("user", held.id)])


async def reactivate(uow: UnitOfWork, change: Change) -> None:
    """Let a person in again, whoever shut them out; raises as `deactivate`, and RemovedByDirectory.

    No session of before comes alive again, not even one that began while they were being shut out.
    """
    held = await _hold(uow, change)
    _require_not_above(held, change)
    if held.state == "active":
        return
    if await People(uow).shut_out(held.id):
        raise RemovedByDirectory
    await sessions.end_people(uow, [held.id], "deactivated")
    await People(uow).set_state(held.id, "active", None)
    await sessions.rights_changed(uow, held.id, held.roles)
    await audit.record(uow, "user.reactivated", targets=[("user", held.id)])


async def set_manual_roles(uow: UnitOfWork, roles: Sequence[str], change: Change) -> None:
    """Give a person exactly these roles beside the mapped one; what that changes counts at once in this service.

    Raises:
        NotFound, VersionOutdated, LastAdministrator: as `deactivate`.
        RoleNotGrantable: a role that is given or taken is above the caller's own, or nobody's here.
    """
    held = await _hold(uow, change)
    wanted = tuple(sorted(set(roles), key=RANK.__getitem__, reverse=True))
    if above(set(wanted).symmetric_difference(held.manual_roles), change.by.roles):
        raise RoleNotGrantable
    if PLATFORM_ADMIN in set(wanted).difference(held.manual_roles) and not held.is_platform:
        raise RoleNotGrantable(f"{PLATFORM_ADMIN} belongs to the platform's own organization.")
    if set(wanted) == set(held.manual_roles):
        return
    if held.state == "active":
        await _require_administrator(uow, held, held.with_manual(wanted), change)
    await People(uow).set_manual_roles(held.id, wanted)
    roles = held.with_manual(wanted)
    await sessions.rights_changed(uow, held.id, roles, lowered=lowers(held.roles, roles))
    if ADMINS.intersection(held.roles).difference(roles):
        await portal.revoke(uow, [held.id])
    about, before = [("user", held.id)], held.manual_roles
    await audit.record(uow, audit.MANUAL_ROLES_CHANGED, targets=about, roles=wanted, before=before)


async def end_sessions(uow: UnitOfWork, change: Change, session: UUID | None = None) -> int:
    """End every session of a person, or one of them; return how many were alive.

    Raises:
        NotFound: the tenant has no such person, or they no such session.
        NotPermitted: they have a role above the caller's.
    """
    held = await People(uow).lock(change.person, platform=change.platform)
    if held is None:
        raise NotFound
    _require_not_above(held, change)
    if session is None:
        return len(await sessions.end_people(uow, [held.id], "ended_by_admin"))
    if not await sessions.end_own(uow, held.id, session, "ended_by_admin"):
        raise NotFound
    return 1


async def evidence_of(uow: UnitOfWork, person: UUID, *, platform: str | None) -> tuple[Evidence, Told]:
    """Return what explains a person's roles; `platform`: as in `Change`. Raises NotFound."""
    found = await evidence.read(uow, person, platform=platform)
    if found is None:
        raise NotFound
    return found, Told(await People(uow).last_login(person), await audit.manual_roles(uow, person))


async def _hold(uow: UnitOfWork, change: Change) -> Held:
    """Return the person, while nobody else changes them, the tenant's mirror or who administrates it."""
    # The mirror first, as settling does: the other way round, two units wait for each other for ever.
    await directories.lock_mirror(uow)
    held = await People(uow).lock(change.person, platform=change.platform)
    if held is None:
        raise NotFound
    if change.versions is not None and held.rights_version not in change.versions:
        raise VersionOutdated
    return held


def _require_not_above(held: Held, change: Change) -> None:
    if above(held.roles, change.by.roles):
        raise NotPermitted("This person has a role above yours.")


async def _require_administrator(uow: UnitOfWork, held: Held, left: Sequence[str], change: Change) -> None:
    """Raise LastAdministrator where the person, with the roles `left`, is no administrator any more and nobody else is.

    Of a tenant that is not the platform's, operators are no administrators: they do not belong to it.
    """
    administrators = ADMINS if held.is_platform else ADMINS - {PLATFORM_ADMIN}
    loses = administrators.intersection(held.roles) and not administrators.intersection(left)
    if loses and not change.confirmed and not await People(uow).others_with(administrators, held.id):
        raise LastAdministrator
