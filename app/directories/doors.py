"""Hot door of directories: the plain page of people, as a console and every backend reads it (speed.md)."""

from typing import Final
from uuid import UUID

from app.access.guard import live_session
from app.access.permissions import reach
from app.access.roles import ADMINS
from app.db.repository import PageRequest
from app.directories.reading_repository import READ, ReadyPeople, people_listing
from app.http.answers import Answer
from app.http.exchange import Exchange
from app.http.pagination import MOST, page_key, ready_list_answer
from app.problems import Problem
from app.rates import rules
from app.runtime import Runtime
from app.tokens.live import LiveSession

_DIRECTORY: Final = 3
"""Which part of the path names it: `/api/directories/{directory_id}/users`."""
_PLAIN: Final = ({"limit"}, {"limit", "after"})


class DirectoryDoors:
    """Answers what is asked most, in one statement; else None: the ordinary route answers, refusals too."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._people = ReadyPeople(runtime.lane)

    async def users(self, exchange: Exchange) -> Answer | None:
        """GET /api/directories/{directory_id}/users: a page from the newest on, for its tenant's administrator."""
        try:
            session = await live_session(self._runtime, exchange.header(b"authorization"))
            organization, directory = session.organization_id, UUID(exchange.path.split("/")[_DIRECTORY])
            listing = people_listing(organization, directory)
            page = self._page(exchange, listing)
        except (Problem, ValueError):
            return None
        if page is None or not _sees_all_of_its_own(session):
            return None
        await self._runtime.rates.require(rules.READS, str(session.user_id))
        found = await self._people.page(organization, directory, page)
        return ready_list_answer(found, self._runtime.cursors, bound_to=listing) if found.rows else None

    def _page(self, exchange: Exchange, listing: str) -> PageRequest[UUID] | None:
        query = exchange.query()
        limit = query.get("limit", "")
        if query.keys() not in _PLAIN or not (limit.isascii() and limit.isdecimal()) or not 1 <= int(limit) <= MOST:
            return None
        return PageRequest(int(limit), after=page_key(self._runtime.cursors, query.get("after"), listing))


def _sees_all_of_its_own(session: LiveSession) -> bool:
    """Return whether it reads its own tenant and attributes too; who reads every tenant does so by another pool."""
    return reach(READ, session.roles) == "own" and not ADMINS.isdisjoint(session.roles)
