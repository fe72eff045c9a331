"""Periodic work of the sign-in journey: delete expired flows."""

from datetime import timedelta

from app.sso import repository
from app.uow import UnitOfWork

_KEPT = timedelta(minutes=1)


async def purge(uow: UnitOfWork) -> None:
    """Delete login flows a minute after their end, so that a flood of starts stays bounded (threats.md A23)."""
    await repository.purge(uow, uow.now - _KEPT)
