"""The tables of the control page: the last events, the last deliveries."""

from collections.abc import Iterable
from html import escape

from sandbox.controls import Controls
from sandbox.deliveries import Attempt
from sandbox.wire import instant

SHOWN = 20


def events(controls: Controls) -> str:
    """Return the last events, newest first."""
    last = controls.world.events.last(SHOWN)
    rows = ((instant(each.created_at), each.event, each.organization_id or "", each.id) for each in last)
    return _table(("At", "Event", "Organization", "Id"), rows)


def deliveries(controls: Controls) -> str:
    """Return the last attempts at a delivery, newest first."""
    rows = (_attempt(each) for each in reversed(controls.deliveries()[-SHOWN:]))
    return _table(("At", "Event", "Endpoint", "Attempt", "Answer"), rows)


def _attempt(each: Attempt) -> tuple[str, ...]:
    outcome = each.error or (str(each.status) if each.status else "not sent")
    trouble = f" ({each.fault})" if each.fault else ""
    return instant(each.at), each.delivery.event.event, each.delivery.url, str(each.number), outcome + trouble


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{name}" for name in names)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>" if body else "<p>None yet.</p>"
