"""Worker in: take the next event that is due, apply it, and say what became of it, in one commit."""

from app import log
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.webhooks import attempt, flow, service
from app.webhooks.repository import Claimed, Inbox

_logger = log.get("webhooks")


async def apply_next(begin: Begin) -> bool:
    """Apply the next event that is due, if any; return whether there was one.

    Effect and completion are one commit: a worker that is killed leaves the event due, and nothing half done.
    """
    claimed: Claimed | None = None
    try:
        async with begin() as uow:
            claimed = await Inbox(uow).claim()
            if claimed is None:
                return False
            outcome = await attempt.outcome_of(uow, claimed)
            await Inbox(uow).finish(claimed, outcome)
    except Exception as error:
        if claimed is not None:
            await _put_off(begin, claimed, error)
        raise
    if outcome.status == "dead":
        _logger.error("webhooks.event.dead", event_id=claimed.event_id, event_type=claimed.event, reason=outcome.fault)
    return True


async def catch_up(runtime: Runtime, begin: Begin) -> bool:
    """Read what WorkOS lists and we have not seen, if it is due; return False, for there is nothing to do at once."""
    await flow.catch_up(runtime, begin)
    return False


async def tidy(uow: UnitOfWork) -> None:
    """Make due what waits for objects that are known by now, and forget what is old enough."""
    await service.release_known(uow)
    await service.purge(uow)


async def _put_off(begin: Begin, claimed: Claimed, error: Exception) -> None:
    """Count an attempt that could not even be written down, lest the same event comes first for ever."""
    async with begin() as uow:
        await Inbox(uow).finish(claimed, attempt.again(uow, claimed, error, None))
