"""The indicators, in one visible list. To add one: what it judges into `facts.py`, how into a function, a line here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.status import inbox, objects, record, upstream
from app.status.facts import Facts
from app.status.reading import Reading


@dataclass(frozen=True, slots=True)
class Indicator:
    """A name that front ends and alerts know it by, and the function that judges. `own`: tenants have it too."""

    name: str
    read: Callable[[Facts], Reading]
    own: bool


INDICATORS: Final = (
    Indicator("credentials", upstream.credentials, own=False),
    Indicator("api_reachable", upstream.api_reachable, own=False),
    Indicator("redirect_uri", upstream.redirect_uri, own=False),
    Indicator("webhook_secret", inbox.webhook_secret, own=False),
    Indicator("webhook_endpoint", inbox.webhook_endpoint, own=False),
    Indicator("last_webhook", inbox.last_webhook, own=True),
    Indicator("oldest_pending_event", inbox.oldest_pending_event, own=True),
    Indicator("dead_events", inbox.dead_events, own=True),
    Indicator("last_sync", objects.last_sync, own=True),
    Indicator("connection_states", objects.connection_states, own=True),
    Indicator("certificates", objects.certificates, own=True),
    Indicator("events_api_lag", inbox.events_api_lag, own=False),
    Indicator("audit_forwarding", record.forwarding, own=False),
    Indicator("alerts", record.alerts, own=True),
)


def readings(facts: Facts) -> dict[str, Reading]:
    """Return what every indicator of the platform, or every one that a tenant has too, says; in the list's order."""
    return {one.name: one.read(facts) for one in INDICATORS if one.own or facts.is_platform}
