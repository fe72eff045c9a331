"""Indicators of WorkOS's events: signatures, deliveries, what waits, what is dead, how far the list is read."""

from datetime import timedelta
from typing import Final

from app.status import remedies
from app.status.facts import ENDPOINT, Facts
from app.status.reading import Reading, Status, counted, span
from app.workos.noticed import DELIVERED, SIGNED, SIGNED_LATELY

DUE_WARNING: Final = timedelta(minutes=1)
DUE_FAILING: Final = timedelta(minutes=5)
LAG_WARNING: Final = timedelta(minutes=3)
LAG_FAILING: Final = timedelta(minutes=10)


def webhook_secret(facts: Facts) -> Reading:
    """Say whether deliveries can be proven, and are."""
    configured, seen = facts.configured, facts.sighting(SIGNED)
    if configured.webhook_secrets_broken:
        return Reading("failing", "A stored webhook secret cannot be opened.", remedies.SIGNATURES_BROKEN)
    if not configured.webhook_secrets:
        said = "No webhook secret is set: every delivery is refused."
        return Reading("failing", said, remedies.SIGNATURES_MISSING)
    if seen.bad and seen.bad_at:
        said = f"{counted(seen.times, 'delivery', 'deliveries')} with a signature that fits none of"
        said += f" {counted(configured.webhook_secrets, 'secret')}, the last {span(facts.at - seen.bad_at)} ago;"
        said += f" the last genuine one {span(facts.at - seen.good_at)} ago." if seen.good_at else " none was genuine."
        # Anybody can send rubbish here. It is our secret that is wrong where WorkOS's events go missing with it.
        grave = facts.events.unbrought > 0 or seen.good_at is None
        return Reading("failing" if grave else "warning", said, remedies.SIGNATURES_WRONG, seen.bad_since)
    if seen.good_at is None:
        return Reading("unknown", "A secret is set; no delivery has proven it yet.", remedies.NO_WEBHOOK_YET)
    said = f"The last delivery was proven {span(facts.at - seen.good_at)} ago."
    return Reading("ok", said, since=seen.good_since)


def webhook_endpoint(facts: Facts) -> Reading:
    """Say whether WorkOS has an endpoint that leads here."""
    url, seen = facts.configured.webhook_url, facts.sighting(ENDPOINT)
    if seen.bad and seen.bad_since:
        # Where deliveries come all the same, WorkOS knows us by another address.
        came = facts.sighting(DELIVERED).good_at
        status: Status = "warning" if came and came > seen.bad_since else "failing"
        return Reading(status, str(seen.why), remedies.WEBHOOK_ENDPOINT.format(url), seen.bad_since)
    if seen.good_at is None:
        return Reading("unknown", "WorkOS does not tell which webhook endpoints it has.", None)
    return Reading("ok", f"WorkOS has an enabled endpoint for {url}.", since=seen.good_since)


def last_webhook(facts: Facts) -> Reading:
    """Say whether deliveries come, as far as it can be told from what WorkOS's own list has."""
    events, late = facts.events, facts.sighting(SIGNED_LATELY)
    at = max(
        filter(None, (events.webhook_at, facts.sighting(DELIVERED).good_at if facts.is_platform else None)),
        default=None,
    )
    last = f"The last delivery came {span(facts.at - at)} ago." if at else "No delivery has come yet."
    if events.unbrought and events.unbrought_since:
        said = (
            f"WorkOS lists {counted(events.unbrought, 'event')} of the last {span(facts.at - events.unbrought_since)}"
        )
        said += f" that no webhook has brought. {last}"
        return Reading("failing", said, remedies.WEBHOOKS_NOT_RECEIVED, events.unbrought_since)
    if facts.is_platform and late.bad and late.bad_at:
        said = f"{counted(late.times, 'delivery', 'deliveries')} signed too long ago to be believed, the last"
        said += f" {span(facts.at - late.bad_at)} ago. {last}"
        return Reading("warning", said, remedies.WEBHOOK_CLOCK, late.bad_since)
    if at is None:
        return Reading("unknown", last, remedies.NO_WEBHOOK_YET)
    if events.healed:
        said = f"{last} Of the last 24 hours {counted(events.healed, 'event')} came by WorkOS's list only."
        return Reading("warning", said, remedies.WEBHOOKS_LATE)
    return Reading("ok", last)


def oldest_pending_event(facts: Facts) -> Reading:
    """Say how long events wait to be applied."""
    events = facts.events
    if events.due_since is None:
        return Reading("ok", "No event waits.")
    waited = facts.at - events.due_since
    number = f" ({counted(events.due, 'event')} in all)" if events.due else ""
    said = f"The oldest event that is due has waited for {span(waited)}{number}."
    remedy = remedies.PENDING if facts.is_platform else remedies.PENDING_TENANT
    if waited >= DUE_FAILING:
        return Reading("failing", said, remedy, events.due_since + DUE_FAILING)
    if waited >= DUE_WARNING:
        return Reading("warning", said, remedy, events.due_since + DUE_WARNING)
    return Reading("ok", said)


def dead_events(facts: Facts) -> Reading:
    """Say which events could not be applied."""
    events = facts.events
    if not events.dead:
        return Reading("ok", "No event was given up.")
    said = f"{counted(events.dead, 'event')} could not be applied; the latest: {events.dead_why}"
    return Reading("failing", said, remedies.DEAD if facts.is_platform else remedies.DEAD_TENANT, events.dead_since)


def events_api_lag(facts: Facts) -> Reading:
    """Say how far behind the reading of WorkOS's list of events is."""
    read_to, error = facts.poll.read_to, facts.poll.last_error
    if read_to is None:
        return Reading("unknown", "WorkOS's list of events has not been read yet.", remedies.LAG)
    lag = facts.at - read_to
    said = f"WorkOS's list of events was read up to {span(lag)} ago." + (
        f" The last reading failed: {error}" if error else ""
    )
    remedy = remedies.LAG_REFUSED if error else remedies.LAG
    if lag >= LAG_FAILING:
        return Reading("failing", said, remedy, read_to + LAG_FAILING)
    if lag >= LAG_WARNING:
        return Reading("warning", said, remedy, read_to + LAG_WARNING)
    return Reading("ok", said)
