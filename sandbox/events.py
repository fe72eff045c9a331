"""`GET /events`: what happened, oldest first.

https://workos.com/docs/reference/events
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from sandbox import wire_events
from sandbox.access import TheWorld, require_api_key
from sandbox.event_book import Event
from sandbox.event_names import is_event_name
from sandbox.refusals import bad_request, invalid
from sandbox.state import World

router = APIRouter(dependencies=[Depends(require_api_key)])
LONGEST_RANGE_SECONDS = 30 * 86_400


@router.get("/events")
async def list_events(  # noqa: PLR0913, PLR0917 - one argument per query parameter of WorkOS
    world: TheWorld,
    events: Annotated[list[str] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    after: str | None = None,
    range_start: str | None = None,
    range_end: str | None = None,
    organization_id: str | None = None,
) -> dict[str, Any]:
    """List events by name (`events=a,b`, needed). `order` is ignored without a word, as WorkOS does."""
    names = _names(events)
    start, end = _range(world, range_start, range_end)
    found = (
        event
        for event in _listable(world, after)
        if event.event in names
        and start <= event.created_at <= end
        and organization_id in (None, event.organization_id)
    )
    chosen = list(islice(found, limit))
    more = next(found, None) is not None
    return {
        "object": "list",
        "data": [wire_events.event(event) for event in chosen],
        "list_metadata": {"before": None, "after": chosen[-1].id if more else None},
    }


def _names(given: list[str] | None) -> set[str]:
    names = {name.strip() for text in given or [] for name in text.split(",") if name.strip()}
    if not names:
        raise invalid("Validation failed", events="required")
    for name in names:
        if not is_event_name(name):
            raise invalid(f"'{name}' is not the name of an event.", events="invalid")
    return names


def _range(world: World, start: str | None, end: str | None) -> tuple[float, float]:
    """The asked range in epoch seconds. Raises 400 when it is longer than 30 days."""
    first = _instant("range_start", start) if start else float("-inf")
    last = _instant("range_end", end) if end else float("inf")
    if start and min(last, world.now()) - first > LONGEST_RANGE_SECONDS:
        raise bad_request("invalid_date_range", "A range may not be longer than 30 days.")
    return first, last


def _instant(name: str, text: str) -> float:
    """WorkOS takes UTC only and refuses offsets."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or not text.endswith("Z"):
        raise invalid(f"{name} must be an ISO 8601 instant in UTC.", **{name: "invalid"})
    return found.astimezone(UTC).timestamp()


def _listable(world: World, after: str | None) -> Iterator[Event]:
    """The events behind the cursor that are neither too old nor still held back. Raises 400 for a cursor that is."""
    now, switches = world.now(), world.switches
    oldest, newest = now - switches.events_history_seconds, now - switches.events_delay_seconds
    if after is not None:
        cursor = world.events.get(after)
        if cursor is None or cursor.created_at < oldest:
            raise bad_request("invalid_cursor", f"The cursor '{after}' is unknown or too old.")
    return (event for event in world.events.after(after) if oldest <= event.created_at <= newest)
