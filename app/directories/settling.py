"""Verbs of settling: what the mirror says becomes true of people, roles and sessions, in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from app.access.roles import ADMINS, RANK, lowers
from app.audit import service as audit
from app.audit.service import Deed
from app.db.driver import expect_many
from app.directories.default_role_repository import DefaultRoles
from app.directories.erasing_repository import Erasing
from app.directories.rules_repository import GroupRules
from app.directories.settling_repository import Changed, Settling
from app.portal import service as portal
from app.sessions import service as sessions
from app.uow import UnitOfWork

_MANY = 1_000
"""More people than these are found set against set: a group's end may touch tens of thousands."""
_AT_ONCE = 10_000
"""People settled by one statement: what is told of each, in audit and to sessions, is in memory meanwhile."""


@dataclass(slots=True)
class Settled:
    """What settling changed: ids of people who are new, and of those who changed, before and after."""

    created: set[UUID] = field(default_factory=set[UUID])
    changed: list[Changed] = field(default_factory=list[Changed])
    sessions_ended: list[UUID] = field(default_factory=list[UUID])
    """One entry per session: whose it was."""

    @property
    def deactivated(self) -> list[UUID]:
        """Return who was let in before and is not any more."""
        return [one.user_id for one in self.changed if one.state not in {one.state_before, "active"}]

    @property
    def administration_lost(self) -> list[UUID]:
        """Return who may have administrated something before and does not any more."""
        return [
            one.user_id
            for one in self.changed
            if one.state not in {"active", one.state_before}
            or (one.role_before in ADMINS and one.role_before not in (one.role, *one.manual_roles))
        ]

    @property
    def roles_changed(self) -> list[Changed]:
        """Return people with another mapped role than before who are still let in, but for those who are new."""
        return [
            one
            for one in self.changed
            if one.role != one.role_before and one.state == "active" and one.user_id not in self.created
        ]


async def settle(uow: UnitOfWork, people: Sequence[UUID], *, removed: bool, directory_gone: bool = False) -> Settled:
    """Bring the persons behind these directory users up to date, with their roles and sessions; return what changed.

    Who lost access loses every session here and now; a role that changed counts at once in this service.

    Args:
        uow: a unit of the tenant that holds its mirror's lock.
        people: ids of directory users; each at most once.
        removed: somebody among them may be let in no more (their data may have to be erased).
        directory_gone: their directory is deleted: everybody's sessions end, and its roles go.
    """
    if len(people) > _MANY:
        await expect_many(uow.db)
    settled = Settled()
    repository = Settling(uow)
    portions = [people[start : start + _AT_ONCE] for start in range(0, len(people), _AT_ONCE)]
    # First who everybody is: somebody whose old entry came here before their new one would be out for a moment, and
    # lose roles and sessions.
    for some in portions:
        new = frozenset(await repository.link(some))
        # Ours of them, which are held already: of a hundred thousand people the others are eight megabytes.
        settled.created.update(one for one in some if one in new)
    for some in portions:
        part = Settled(settled.created, await repository.derive(some, directory_gone=directory_gone))
        if removed:
            await Erasing(uow).erase(some)
        await _end_sessions(uow, part, some if directory_gone else ())
        await _follow_rights(uow, part)
        # Who is new carries the id of the directory user who brought them.
        await audit.record_many(uow, _deeds(part, settled.created.intersection(some)))
        settled.changed += part.changed
        settled.sessions_ended += part.sessions_ended
    return settled


async def forget_erased(uow: UnitOfWork, told: Sequence[str]) -> None:
    """Empty the inbox's events about those of these people (WorkOS's ids) whom the tenant wants erased."""
    await Erasing(uow).forget_erased(told)


async def resolve(uow: UnitOfWork, groups: Sequence[UUID] | None, *, platform: str | None) -> list[UUID]:
    """Note what the tenant's rules make of these groups (None: of all); return those for which that changed.

    `platform` is WorkOS's id of the one organization whose people may be platform administrators.
    """
    repository = GroupRules(uow)
    return await repository.resolve((await repository.in_force(platform)).rules, groups)


async def withdraw(uow: UnitOfWork, granted: Sequence[str]) -> Settled:
    """Give the default role to people with a mapped role that no rule grants any more; return what changed.

    Whom a directory decides has been settled; this is for those whose last sign-in's groups gave them their role.
    """
    return await _told(uow, await Settling(uow).withdraw(granted))


async def follow_default_role(uow: UnitOfWork, before: str, *, platform: str | None) -> list[Changed]:
    """Give the tenant's new default role to whoever has the one of before as such; return who has another now.

    For a unit that holds the mirror's lock and has written the policy. Whom a directory decides is derived anew. Of
    somebody whose last sign-in's groups may have given the same role by a rule nobody knows which it was: they keep a
    role that the new default is above, and lose one that it is below, until they sign in again.

    Args:
        uow: a unit of the tenant.
        before: the default role of before.
        platform: as `resolve`.
    """
    await expect_many(uow.db)
    in_force, repository = await GroupRules(uow).in_force(platform), DefaultRoles(uow)
    now = in_force.default_role
    settled = await settle(uow, await repository.mirrored(before), removed=False)
    by_sign_in = {rule.role for rule in in_force.rules if rule.group is not None and rule.directory_id is None}
    raised = RANK[now] > RANK[before]
    others = await _told(uow, await repository.follow(before, now, keep_signed_in=raised and before in by_sign_in))
    return [one for one in (*settled.changed, *others.changed) if one.role != one.role_before]


async def _told(uow: UnitOfWork, changed: Sequence[Changed]) -> Settled:
    """Tell sessions and the record of people whose mapped role was changed beside the mirror."""
    settled = Settled(changed=list(changed))
    await _follow_rights(uow, settled)
    await audit.record_many(uow, _deeds(settled, ()))
    return settled


async def _end_sessions(uow: UnitOfWork, settled: Settled, people: Sequence[UUID]) -> None:
    """End the sessions of who lost access, of who has it again, and of all who came by these directory users.

    A sign-in that was under way when they lost it may have left a session, which would live again with them.
    """
    lost = [one.user_id for one in settled.changed if one.state != one.state_before]
    if people:
        lost = list({*lost, *await Settling(uow).users_of(people)})
    if lost:
        settled.sessions_ended += await sessions.end_people(uow, lost, "deprovisioned")
    if settled.deactivated:
        await sessions.void_people(uow, settled.deactivated)


async def _follow_rights(uow: UnitOfWork, settled: Settled) -> None:
    await portal.revoke(uow, settled.administration_lost)
    changed = settled.roles_changed
    if changed:
        admins = [one.user_id for one in changed if ADMINS.intersection((one.role, *one.manual_roles))]
        lowered = [
            one.user_id
            for one in changed
            if lowers((one.role_before, *one.manual_roles), (one.role, *one.manual_roles))
        ]
        await sessions.rights_changed_many(uow, [one.user_id for one in changed], admins=admins, lowered=lowered)


def _deeds(settled: Settled, provisioned: Iterable[UUID]) -> list[Deed]:
    new = settled.created
    roles = {one.user_id: {"role": one.role} for one in settled.changed if one.user_id in new}
    deeds = [Deed("user.provisioned", ("user", user), roles.get(user, {})) for user in provisioned]
    for one in settled.changed:
        about = ("user", one.user_id)
        if one.state != one.state_before:
            deeds.append(Deed("user.reactivated" if one.state == "active" else "user.deactivated", about))
        if one.role != one.role_before and one.user_id not in new:
            deeds.append(Deed("user.role_changed", about, {"role": one.role, "before": one.role_before}))
        if one.redescribed and one.state == one.state_before and one.user_id not in new:
            deeds.append(Deed("user.changed", about))
    return deeds
