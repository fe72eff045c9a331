"""Where webhooks go: make an endpoint, change it."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.event_names import EVENTS, NOT_DELIVERED, is_event_name
from sandbox.records import Endpoint
from sandbox.refusals import Refusal, invalid, not_found
from sandbox.state import World


def add_endpoint(
    world: World,
    url: str,
    *,
    secret: str | None = None,
    events: list[str] | None = None,
) -> Endpoint:
    """Make an endpoint: for all events the twin makes unless some are named, with a secret of its own unless given.

    Unlike WorkOS's, the URL may be http and private. Raises 409 `duplicate_endpoint`, 422 for a URL or event that is
    none.
    """
    _check(world, url, events)
    own = secret or "whsec_" + world.ids.token("webhook_secret")
    made = Endpoint(
        endpoint_url=url, secret=own, events=list(EVENTS if events is None else events), **world.birth("we")
    )
    world.endpoints[made.id] = made
    return made


def change_endpoint(world: World, endpoint_id: str, **changes: Any) -> Endpoint:  # noqa: ANN401
    """Change `endpoint_url`, `events`, `status` (enabled, disabled). Raises as `add_endpoint`, and 404."""
    found = world.endpoints.get(endpoint_id)
    if found is None:
        raise not_found("Webhook Endpoint", endpoint_id)
    url, events = changes.get("endpoint_url", found.endpoint_url), changes.get("events", found.events)
    _check(world, url, events, own_id=found.id)
    if changes.get("status", "enabled") not in {"enabled", "disabled"}:
        raise invalid("An endpoint is enabled or disabled.", status="invalid")
    unknown = changes.keys() - {"endpoint_url", "events", "status"}
    if unknown:
        raise invalid("Unknown fields.", **dict.fromkeys(unknown, "unknown"))
    for name, value in changes.items():
        setattr(found, name, value)
    world.touch(found)
    return found


def _check(world: World, url: str, events: list[str] | None, own_id: str = "") -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise invalid("The endpoint must be an http or https URL.", endpoint_url="invalid")
    if any(each.endpoint_url == url and each.id != own_id for each in world.endpoints.values()):
        message = "A webhook endpoint with this URL exists already."
        raise Refusal(409, {"code": "duplicate_endpoint", "message": message})
    for name in events or []:
        if name in NOT_DELIVERED or not is_event_name(name):
            raise invalid(f"'{name}' cannot be subscribed to.", events="invalid")
