"""EventCalls: the Events API, oldest first; one broken event does not hide the others of its page."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from app.workos import shapes
from app.workos.asking import is_id
from app.workos.calls import Calls
from app.workos.errors import EventsCursorRejected, UpstreamNotFound, UpstreamRefused
from app.workos.records import Event, Page

_TYPE = re.compile(r"[a-z][a-z0-9_.]{0,127}")
_LIMIT = 100
_CURSOR_STATUSES = frozenset({400, 422})  # 404 is UpstreamNotFound


class EventCalls:
    """The events part of the port (see there), in a lane of its own."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(
        self, events: Sequence[str], after: str | None, range_start: datetime | None, range_end: datetime | None
    ) -> Page[Event]:
        """Return one page of events. `order` is not sent: WorkOS ignores it (workos.md section 3)."""
        if not events or not all(_TYPE.fullmatch(kind) for kind in events):
            raise ValueError("at least one event type, in WorkOS's words")
        if after is not None and not is_id(after):
            raise EventsCursorRejected
        asked = {"after": after, "range_start": _instant(range_start), "range_end": _instant(range_end)}
        params: dict[str, object] = {"events": ",".join(events), "limit": _LIMIT}
        params |= {name: value for name, value in asked.items() if value is not None}
        try:
            return await self._calls.get(
                "events",
                params=params,
                read=lambda answer: shapes.page(answer, shapes.event_or_broken, after=after),
            )
        except (UpstreamRefused, UpstreamNotFound) as refused:
            # Which status a forgotten cursor is answered with is documented nowhere. Taken for one by mistake, the
            # refusal comes again when the reading starts over without a cursor, under its own name.
            unknown = isinstance(refused, UpstreamNotFound)
            if after is None or not (unknown or refused.extra.get("upstream_status") in _CURSOR_STATUSES):
                raise
            raise EventsCursorRejected(upstream_request_id=refused.extra.get("upstream_request_id")) from None


def _instant(told: datetime | None) -> str | None:
    """Return an instant as WorkOS takes it: in UTC with a Z, it refuses offsets (workos.md section 1)."""
    if told is None:
        return None
    if told.tzinfo is None:
        raise ValueError("an instant without a time zone")
    return told.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
