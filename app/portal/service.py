"""Verbs of Admin Portal links: who has one, and what becomes of it when they may have none any more."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.access.errors import NotPermitted
from app.access.roles import ADMINS
from app.kit.rows import Row
from app.portal.repository import PortalVisits, purge
from app.queue.outbox import Wish
from app.uow import UnitOfWork

REVOKE: Final = "portal.revoke_links"
"""The outbox's job that voids a person's links, and the portal visits that began with them, at WorkOS."""
_KEPT: Final = timedelta(hours=24)
"""Longer than a visit to the portal lasts, and a link five minutes."""


async def note_visit(uow: UnitOfWork, user: UUID, workos_organization: str) -> None:
    """Note, before WorkOS is asked, that a person of the unit's tenant asks for a link into an organization.

    Raises:
        NotPermitted: they are an administrator no more, or not let in.
    """
    if not await PortalVisits(uow).note(user, workos_organization, ADMINS):
        raise NotPermitted


async def confirm_visit(uow: UnitOfWork, user: UUID, workos_organization: str) -> bool:
    """Return whether the person may have the link that WorkOS has made meanwhile; if not, it is to be revoked."""
    if await PortalVisits(uow).stands(user, workos_organization):
        return True
    await uow.enqueue([_wish(user, workos_organization)])
    return False


async def revoke(uow: UnitOfWork, users: Sequence[UUID]) -> None:
    """Have the links of these people of the unit's tenant revoked, who are administrators no more or not let in.

    To be called in the transaction that made it so, after the people's rows were changed. Of most people there are no
    links, and one statement finds that out of ten thousand.
    """
    if users:
        await _enqueue(uow, await PortalVisits(uow).end(users))


async def revoke_all(uow: UnitOfWork) -> None:
    """Do the same for everybody of the unit's tenant, which is suspended."""
    await _enqueue(uow, await PortalVisits(uow).end_all())


async def purge_old(uow: UnitOfWork) -> None:
    """Forget who asked for links a day ago: their visits have ended."""
    await purge(uow, before=uow.now - _KEPT)


async def _enqueue(uow: UnitOfWork, ended: Sequence[Row]) -> None:
    if ended:
        await uow.enqueue([_wish(visit["user_id"], visit["workos_organization"]) for visit in ended])


def _wish(user: UUID, workos_organization: str) -> Wish:
    told = {"user": str(user), "organization": workos_organization}
    return Wish(REVOKE, f"{user}|{workos_organization}", told)
