"""Controls over events and webhooks: made-up events, endpoints, signatures, trouble, deliveries."""

import asyncio
from typing import Any

from sandbox.deliveries import Attempt, AttemptLog, Delivery
from sandbox.endpoints import add_endpoint, change_endpoint
from sandbox.event_book import Event
from sandbox.outbox import Outbox
from sandbox.records import Endpoint
from sandbox.refusals import bad_request, not_found
from sandbox.signatures import signature
from sandbox.state import World
from sandbox.webhook_faults import WebhookFaults


class WebhookControls:
    """What a test or an operator of the twin may order for events and their delivery."""

    world: World
    _outbox: Outbox
    _attempts: AttemptLog

    def events(self, event: str | None = None) -> list[Event]:
        """Return what happened, oldest first, of one name when given; all of it, held back or not."""
        return [each for each in self.world.events.after(None) if event in (None, each.event)]

    def record_event(
        self,
        event: str,
        data: dict[str, Any],
        *,
        organization_id: str | None = None,
        context: dict[str, Any] | None = None,
    ) -> Event:
        """Let something happen that did not: any name, any data, under a fresh id. It is listed and delivered."""
        return self.world.happen(event, organization_id, data, context)

    def resend_event(self, event_id: str) -> None:
        """Deliver an event again, as the dashboard's button does."""
        found = self.world.events.get(event_id)
        if found is None:
            raise not_found("Event", event_id)
        self._outbox.take(found)

    def add_webhook_endpoint(
        self,
        url: str,
        *,
        secret: str | None = None,
        events: list[str] | None = None,
    ) -> Endpoint:
        """Make an endpoint: for all events the twin makes unless some are named, with its own secret unless given."""
        return add_endpoint(self.world, url, secret=secret, events=events)

    def change_webhook_endpoint(self, endpoint_id: str, **changes: Any) -> Endpoint:  # noqa: ANN401
        """Change `endpoint_url`, `events` or `status` (enabled, disabled)."""
        return change_endpoint(self.world, endpoint_id, **changes)

    def remove_webhook_endpoint(self, endpoint_id: str) -> None:
        """Remove an endpoint; what still waits for it is not sent."""
        if self.world.endpoints.pop(endpoint_id, None) is None:
            raise not_found("Webhook Endpoint", endpoint_id)

    def sign(self, body: bytes | str, secret: str | None = None, at: float | None = None) -> str:
        """Return a `WorkOS-Signature` for any body: with the first endpoint's secret, at the twin's time, or others."""
        if secret is None:
            first = next(iter(self.world.endpoints.values()), None)
            if first is None:
                raise bad_request("no_endpoint", "There is no webhook endpoint whose secret could sign.")
            secret = first.secret
        raw = body.encode() if isinstance(body, str) else body
        return signature(raw, secret, self.world.now() if at is None else at)

    @property
    def webhook_faults(self) -> WebhookFaults:
        """The orders in force; counts go down as they are used up."""
        return self._outbox.faults

    def set_webhook_faults(self, **orders: Any) -> WebhookFaults:  # noqa: ANN401
        """Set fields of `WebhookFaults`; those not named stay. Raises `ValueError` for a name or value that is none."""
        faults = WebhookFaults.model_validate(self._outbox.faults.model_dump() | orders)
        self._outbox.set_faults(faults)
        return faults

    def clear_webhook_faults(self) -> None:
        """Let webhooks go as they should; what was held goes out."""
        self._outbox.set_faults(WebhookFaults())

    def release_deliveries(self) -> int:
        """Let go of the deliveries that `hold` collected; returns how many. Later ones are held again."""
        return self._outbox.release()

    def take_deliveries(self, at: float | None = None) -> list[Delivery]:
        """Take the deliveries that wait, signed (at an instant), to be posted by the caller.

        Nothing retries them. A running twin sends for itself: set the `send_webhooks` switch to False first.
        """
        return self._outbox.take_all(at)

    def deliveries(self, event: str | None = None) -> list[Attempt]:
        """Return the attempts made and their answers, oldest first, of one event (id or name) when given."""
        return self._attempts.of(event)

    def clear_deliveries(self) -> None:
        """Forget the attempts."""
        self._attempts.clear()

    async def deliveries_sent(self, within: float = 5.0) -> None:
        """Wait until nothing waits and nothing is on its way, retries included. Raises `TimeoutError`."""
        async with asyncio.timeout(within):
            while self._outbox.busy:  # noqa: ASYNC110 - only tests wait here, and nothing else wants to know
                await asyncio.sleep(0.005)
