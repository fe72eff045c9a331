"""LiveSessions: the port by which a verified token is asked whether its session is still alive."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that has not ended, with the rights its person has now (a token shows those of when it was minted).

    `organization_id` is the one it acts for, `home_organization_id` the tenant whose row it is: they differ for
    emergency access only.
    """

    sid: UUID
    user_id: UUID
    organization_id: UUID
    home_organization_id: UUID
    roles: tuple[str, ...]
    ver: int
    auth_time: datetime
    expires_at: datetime
    idle_expires_at: datetime


class LiveSessions(Protocol):
    """Says which sessions live. It leaves out how they begin and end: that is the sessions room's business."""

    async def find(self, sid: UUID) -> LiveSession | None:
        """Return the session, or None when it ended, expired, or its person or organization may no longer enter.

        An answer may be up to one second old (contract.md: a session ended anywhere is refused within 1 s).
        """
        ...
