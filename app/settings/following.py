"""SettingsFollower: keeps the settings in force in step with the database, in every process (threats.md F15)."""

from contextlib import AbstractAsyncContextManager
from typing import Final

from app import log
from app.config import Config
from app.db.following import Following
from app.db.lane import Lane
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
        self._following = Following("settings", self._look, every=POLL_SECONDS)

    async def look(self) -> None:
        """Put in force what is stored now."""
        await self._following.look()

    def following(self) -> AbstractAsyncContextManager[None]:
        """Follow until the block ends."""
        return self._following.following()

    async def _look(self) -> None:
        # Blobs are compared, not only the version: one that somebody has swapped in the database is found here too.
        found = await self._settings.stored()
        if found == self._seen:
            return
        changed = self._values.swap(in_force(self._config, found, self._sealer))
        self._seen = found
        if changed:
            _logger.info("settings.in_force.changed", version=found.version, broken=sorted(self._values.now.broken))
