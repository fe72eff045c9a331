"""Worker in: seal what was committed, and look through it for the unusual."""

from app.audit import chain, watching
from app.uow import UnitOfWork


async def seal(uow: UnitOfWork) -> None:
    """Seal committed events into their organizations' chains."""
    await chain.seal(uow)


async def watch(uow: UnitOfWork) -> None:
    """Raise alerts of what was sealed, and close those that are over."""
    await watching.watch(uow)
