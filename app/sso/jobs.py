"""Periodic work of the sign-in journey: delete expired flows and old traces."""

from datetime import timedelta

from app.sso import repository, trace_repository
from app.uow import UnitOfWork

_KEPT = timedelta(minutes=1)
_TRACES_KEPT = timedelta(days=30)


async def purge(uow: UnitOfWork) -> None:
    """Delete login flows a minute after their end, so that a flood of starts stays bounded (threats.md A23)."""
    await repository.purge(uow, uow.now - _KEPT)


async def purge_traces(uow: UnitOfWork) -> None:
    """Delete what is kept of attempts to sign in after 30 days (contract.md, "Kept for")."""
    await trace_repository.purge(uow, uow.now - _TRACES_KEPT)
