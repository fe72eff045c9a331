"""Worker in: seal what was committed, look through it for the unusual, and forward it to WorkOS."""

from app.audit import chain, forwarding, watching
from app.queue.outbox import Job
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork


async def seal(uow: UnitOfWork) -> None:
    """Seal committed events into their organizations' chains."""
    await chain.seal(uow)


async def watch(uow: UnitOfWork) -> None:
    """Raise alerts of what was sealed, and close those that are over."""
    await watching.watch(uow)


async def queue_forwarding(uow: UnitOfWork) -> None:
    """Have sent what tenants' records have grown by."""
    await forwarding.queue(uow)


async def forward(runtime: Runtime, begin: Begin, job: Job) -> None:
    """Send a tenant's next events to WorkOS."""
    await forwarding.forward(runtime, begin, job)
