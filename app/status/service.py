"""Verbs of status: readiness."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from app import log
from app.db.lane import Lane
from app.db.migrate import head

_SECONDS = 2.5
_UNPREPARED = {"22", "42"}  # no such role, no such table, no right to read it
_logger = log.get("status")


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of readiness; `reason` says what is wrong, in words."""

    name: str
    ok: bool
    reason: str | None = None


class Readiness:
    """Whether this process can do its work. The expected schema is read once: it is part of the code."""

    def __init__(self, lane: Lane, *, proven: asyncio.Event) -> None:
        self._lane = lane
        self._proven = proven
        self._head = head()

    async def checks(self) -> Sequence[Check]:
        """Return every condition, within three seconds."""
        return [*await self._database(), self._keys()]

    async def _database(self) -> Sequence[Check]:
        try:
            async with asyncio.timeout(_SECONDS):
                rows = await self._lane.fetch("select version_num from alembic_version")
        except Exception as error:  # noqa: BLE001 -- whatever it is, this process cannot do its work
            _logger.warning("status.database.unready", reason=repr(error)[:300])  # the answer names no class (F14)
            if getattr(error, "sqlstate", "")[:2] in _UNPREPARED:
                return [Check("migrations", ok=False, reason="The database is not prepared: run `migrate`.")]
            return [Check("database", ok=False, reason="The database does not answer.")]
        version = rows[0]["version_num"] if rows else "nothing"
        migrated = version == self._head
        reason = None if migrated else f"The schema is {version}, this code expects {self._head}: run `migrate`."
        return [Check("database", ok=True), Check("migrations", ok=migrated, reason=reason)]

    def _keys(self) -> Check:
        ok = self._proven.is_set()
        return Check("encryption_keys", ok=ok, reason=None if ok else "The encryption keys are not proven yet.")
