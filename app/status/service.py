"""Verbs of status: readiness."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from app import log
from app.db.lane import Lane
from app.db.revisions import revisions

_SECONDS = 2.5
_ASK = "select version_num, current_setting('transaction_read_only') = 'on' as read_only from alembic_version"
_UNPREPARED = {"22", "42"}  # no such role, no such table, no right to read it
_logger = log.get("status")


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of readiness; `reason` says what is wrong, in words."""

    name: str
    ok: bool
    reason: str | None = None


def report(checks: Sequence[Check]) -> tuple[int, dict[str, object]]:
    """Return the status and the content that /readyz answers, on the public port and on the operator's."""
    ready = all(check.ok for check in checks)
    content: dict[str, object] = {
        "status": "ready" if ready else "not_ready",
        "crypto_backend": "cryptography",
        "checks": [{"name": check.name, "ok": check.ok, "reason": check.reason} for check in checks],
    }
    return (200 if ready else 503), content


class Readiness:
    """Whether this process can do its work. The revisions it knows are read once: they are part of the code."""

    def __init__(self, lane: Lane, *, proven: asyncio.Event) -> None:
        self._lane = lane
        self._proven = proven
        self._head, *self._older = revisions()

    async def checks(self) -> Sequence[Check]:
        """Return every condition, within three seconds."""
        return [*await self._database(), self._keys()]

    async def _database(self) -> Sequence[Check]:
        try:
            async with asyncio.timeout(_SECONDS):
                rows = await self._lane.fetch(_ASK)
        except Exception as error:  # noqa: BLE001 -- whatever it is, this process cannot do its work
            _logger.warning("status.database.unready", reason=repr(error)[:300])  # the answer names no class (F14)
            if str(getattr(error, "sqlstate", None))[:2] in _UNPREPARED:
                return [Check("migrations", ok=False, reason="The database is not prepared: run `migrate`.")]
            return [Check("database", ok=False, reason="The database does not answer.")]
        if rows and rows[0]["read_only"]:
            return [Check("database", ok=False, reason="The database is read-only: it is a standby or failing over.")]
        return [Check("database", ok=True), self._schema(rows[0]["version_num"] if rows else None)]

    def _schema(self, version: str | None) -> Check:
        # One that this code does not know is a later release's, migrated before its processes replace ours.
        if version is not None and version not in self._older:
            return Check("migrations", ok=True)
        reason = f"The schema is {version or 'empty'}, this code expects {self._head}: run `migrate`."
        return Check("migrations", ok=False, reason=reason)

    def _keys(self) -> Check:
        ok = self._proven.is_set()
        return Check("encryption_keys", ok=ok, reason=None if ok else "The encryption keys are not proven yet.")
