"""Worker in: seal what was committed."""

from app.audit import chain
from app.uow import UnitOfWork


async def seal(uow: UnitOfWork) -> None:
    """Seal committed events into their organizations' chains."""
    await chain.seal(uow)
