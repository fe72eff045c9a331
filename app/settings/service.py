"""Verbs of platform settings: the default connection, proving the encryption keys."""

from datetime import datetime
from uuid import UUID

from app.db.lane import Lane
from app.kit.sealing import Sealer
from app.settings.repository import Settings, replace_canary
from app.uow import UnitOfWork


async def default_connection(lane: Lane) -> UUID | None:
    """Return our id of the connection that a sign-in without a selector uses, or None."""
    return await Settings(lane).default_connection()


async def prove_keys(lane: Lane, sealer: Sealer, now: datetime) -> None:
    """Make sure that these encryption keys are the ones this database was sealed with (threats.md F6).

    Raises:
        SealBroken: they are not; starting would make every sealed value unreadable.
    """
    sealer.require_canary(await Settings(lane).first_canary(sealer.canary(), now))


async def reseal_canary(uow: UnitOfWork, sealer: Sealer) -> None:
    """Seal the canary with the newest encryption key, so that older ones can be given up."""
    await replace_canary(uow, sealer.canary())
