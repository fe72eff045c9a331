"""Periodic work of sessions: rotate keys, delete what nobody needs."""

from app.kit.sealing import Sealer
from app.sessions import keys, service
from app.uow import UnitOfWork


async def rotate_keys(uow: UnitOfWork, sealer: Sealer) -> None:
    """Publish, activate and retire signing keys as they fall due."""
    await keys.rotate(uow, sealer)


async def purge(uow: UnitOfWork) -> None:
    """Delete old sessions, marks and break-glass tokens."""
    await service.purge_old(uow)
