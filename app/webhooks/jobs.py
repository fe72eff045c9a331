"""Worker in: take the next event that is due, apply it, and say what became of it, in one commit."""

from collections.abc import Sequence
from typing import Final

from app import log
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.webhooks import attempt, flow, people, service
from app.webhooks.place import Place
from app.webhooks.repository import Claimed, Inbox

AT_ONCE: Final = 128
"""Events of one directory that are applied together."""
_logger = log.get("webhooks")


async def apply_next(begin: Begin, platform: str | None = None, place: Place | None = None) -> bool:
    """Apply the next event that is due, with others of its directory, if there is any; return whether there was one.

    Effects and completion are one commit: a worker that is killed leaves the events due, and nothing half done.
    `platform`: WorkOS's id of the organization whose people may be platform administrators. `place`: how far this
    process has come; without it the inbox is looked through from its beginning.
    """
    taken: list[Claimed] = []
    try:
        async with begin() as uow:
            taken = await Inbox(uow).take(AT_ONCE, place or Place())
            outcomes, known = await attempt.outcomes_of(uow, taken, platform)
            await Inbox(uow).settle(outcomes)
            await people.forget_erased(uow, outcomes)
            # After it: one of these may wait for what another has brought.
            if known:
                await Inbox(uow).release(sorted(known))
    except Exception as error:
        if taken:
            await _put_off(begin, taken, error)
        raise
    for claimed, outcome in outcomes:
        if outcome.status == "dead":
            _logger.error(
                "webhooks.event.dead", event_id=claimed.event_id, event_type=claimed.event, reason=outcome.fault
            )
    return bool(taken)


async def catch_up(runtime: Runtime, begin: Begin) -> bool:
    """Read what WorkOS lists and we have not seen, if it is due; return False, for there is nothing to do at once."""
    await flow.catch_up(runtime, begin)
    return False


async def tidy(uow: UnitOfWork) -> None:
    """Make due what waits for objects that are known by now, and forget what is old enough."""
    await service.release_known(uow)
    await service.purge(uow)


async def _put_off(begin: Begin, taken: Sequence[Claimed], error: Exception) -> None:
    """Count an attempt that could not even be written down, lest the same events come first for ever."""
    async with begin() as uow:
        await Inbox(uow).settle([(claimed, attempt.again(uow, claimed, error, None)) for claimed in taken])
