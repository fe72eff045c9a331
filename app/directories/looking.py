"""Looking: no event of WorkOS tells that a directory's provider refuses its credentials, so WorkOS is asked."""

from datetime import timedelta
from typing import Final

from app import log
from app import uow as units
from app.directories import service
from app.directories.repository import moved_away
from app.problems import Problem
from app.queue.periodic import take_turn
from app.runtime import Runtime
from app.uow import Begin
from app.workos.records import Directory

EVERY: Final = timedelta(minutes=1)
_PAGES: Final = 200
_logger = log.get("directories.looking")


async def look(runtime: Runtime, begin: Begin) -> bool:
    """Note which directories WorkOS can read no more, or again, once a minute; return False, for there is no more.

    Whether one is linked at all, events and listings of its own organization tell: a list that lacks some changes
    nothing here.
    """
    async with begin(units.PLATFORM) as uow:
        if not await take_turn(uow, "directories.look", EVERY):
            return False
    asked_at = runtime.clock.now()
    try:
        listed = await _everybodys(runtime)
    except Problem as problem:
        _logger.info("directories.looking.unanswered", problem=problem.code)
        return False
    async with units.beginner(runtime, unscoped=True)() as uow:
        moved = await moved_away(uow, {one.id: one.state for one in listed})
    for organization, directory, state in moved:
        try:
            async with begin(organization) as uow:
                await service.note_state(uow, directory, state, asked_at=asked_at)
        except Exception as error:  # noqa: BLE001 -- one tenant's trouble is not the next one's; it is told in a minute
            _logger.warning("directories.looking.unnoted", directory=directory, reason=log.redact(repr(error))[:300])
    return False


async def _everybodys(runtime: Runtime) -> list[Directory]:
    found: list[Directory] = []
    after: str | None = None
    for _ in range(_PAGES):
        page = await runtime.workos.list_all_directories(after=after)
        found += page.items
        after = page.after
        if after is None:
            break
    return found
