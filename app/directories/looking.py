"""Looking: no event of WorkOS tells that a directory's provider refuses its credentials, so WorkOS is asked."""

from collections import defaultdict
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.directories import service
from app.directories.repository import moved_away
from app.problems import Problem
from app.runtime import Runtime
from app.uow import Begin
from app.workos.records import Directory

EVERY_SECONDS: Final = 60.0
_PAGES: Final = 200
_logger = log.get("directories.looking")


async def look(runtime: Runtime, begin: Begin) -> bool:
    """Note which directories WorkOS can read no more, or again; return False, for nothing is left to do at once.

    Whether one is linked at all, events and listings of its own organization tell: a list that lacks some changes
    nothing here.
    """
    try:
        listed = await _everybodys(runtime)
    except Problem as problem:
        _logger.info("directories.looking.unanswered", problem=problem.code)
        return False
    async with units.beginner(runtime, unscoped=True)() as uow:
        moved = await moved_away(uow, {one.id: one.state for one in listed})
    theirs: dict[UUID, list[tuple[str, str]]] = defaultdict(list)
    for organization, directory, state in moved:
        theirs[organization].append((directory, state))
    for organization, states in theirs.items():
        async with begin(organization) as uow:
            for directory, state in states:
                await service.note_state(uow, directory, state)
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
