"""SettingsFollower: keeps the settings in force in step with the database, in every process (threats.md F15)."""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

from app import log
from app.config import Config
from app.db.engine import is_unavailable
from app.db.lane import Lane
from app.kit.repeated import repeated
from app.kit.sealing import Sealer
from app.settings.repository import Settings
from app.settings.stored import Stored, in_force
from app.workos.in_force import InForce

POLL_SECONDS: Final = 1.0
"""Between two looks: a changed key counts everywhere within the five seconds that F15 allows, with room to spare."""
_logger = log.get("settings")


class SettingsFollower:
    """Looks once a second and puts in force what it finds; while the database is away, what was known last stays."""

    def __init__(self, lane: Lane, sealer: Sealer, config: Config, values: InForce) -> None:
        self._settings = Settings(lane)
        self._sealer = sealer
        self._config = config
        self._values = values
        self._seen: Stored | None = None
        self._away = False
        self._one_look = asyncio.Lock()  # of two at once the older answer could be put in force last

    async def look(self) -> None:
        """Put in force what is stored now.

        Blobs are compared, not only the version: one that somebody has swapped in the database is found here too.
        """
        async with self._one_look:
            found = await self._settings.stored()
            if found == self._seen:
                return
            changed = self._values.swap(in_force(self._config, found, self._sealer))
            self._seen = found
        if changed:
            _logger.info("settings.in_force.changed", version=found.version, broken=sorted(self._values.now.broken))

    def following(self) -> AbstractAsyncContextManager[None]:
        """Follow until the block ends."""
        return repeated(self._follow, first=POLL_SECONDS)

    async def _follow(self) -> float:
        try:
            await self.look()
            self._away = False
        except Exception as error:  # noqa: BLE001 -- a follower that dies would freeze this process's settings
            if not (self._away and is_unavailable(error)):
                _logger.warning("settings.follow.failed", reason=log.redact(repr(error))[:300])
            self._away = True
        return POLL_SECONDS
