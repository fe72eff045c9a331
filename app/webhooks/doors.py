"""Hot door of deliveries: POST /webhooks/workos."""

from datetime import timedelta

from app import log
from app.http.answers import Answer, json_answer
from app.http.exchange import Exchange
from app.problems import SettingsIncomplete
from app.queue.batch import Batch
from app.runtime import Runtime
from app.webhooks import delivery
from app.webhooks.delivery import Delivery
from app.webhooks.errors import WebhookSignatureInvalid, WebhookTimestampStale
from app.webhooks.repository import Deliveries
from app.workos.events import WANTED
from app.workos.in_force import Values
from app.workos.noticed import DELIVERED, SIGNED, SIGNED_LATELY
from app.workos.signatures import signed_at

TOLERANCE_MS = 180_000
RETRIED = timedelta(days=4)
"""WorkOS sends for three days: what is older is a recording, and must not make us read months of history."""
_logger = log.get("webhooks")
_RECEIVED = json_answer({"received": True})


class WebhookDoor:
    """Takes deliveries: proves them, keeps them, and only then says so."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._deliveries = Deliveries(runtime.lane, runtime.ids, runtime.clock)
        self._batch = Batch[Delivery, bool](self._deliveries.store, lanes=2)

    async def receive(self, exchange: Exchange) -> Answer:
        """POST /webhooks/workos: 200 once the delivery is committed; the same event again changes nothing.

        Raises:
            SettingsIncomplete: there is no webhook secret, so nothing can be proven.
            WebhookSignatureInvalid: not WorkOS's.
            WebhookTimestampStale: WorkOS's, but not of now. It is not kept, for it may be a recording; it is asked for
                at WorkOS instead, so nothing is lost (threats.md D2).
            TooLarge, UnsupportedBody, ClientGone: the body is too long, compressed or cut off.
        """
        secrets = _secrets(self._runtime.in_force.now)
        body = await exchange.body()
        at = signed_at(exchange.header(b"workos-signature"), body, secrets)
        if at is None:
            self._runtime.sightings.badly(SIGNED, "The signature fits no secret.")
            raise WebhookSignatureInvalid
        self._runtime.sightings.well(SIGNED)
        told = delivery.read(body, "webhook")
        if abs(self._runtime.clock.now().timestamp() * 1000 - at) > TOLERANCE_MS:
            self._runtime.sightings.badly(SIGNED_LATELY, "It was signed more than three minutes ago, or hence.")
            await self._ask_for(told)
            raise WebhookTimestampStale
        self._runtime.sightings.well(SIGNED_LATELY)
        if told.fault:
            _logger.error("webhooks.event.unreadable", event_id=told.event_id, reason=told.fault)
        await self._batch.submit(told)
        self._runtime.sightings.well(DELIVERED)
        return _RECEIVED

    async def _ask_for(self, told: Delivery) -> None:
        """Have what a stale delivery tells read from WorkOS's list, where it can be there at all."""
        now = self._runtime.clock.now()
        if told.event in WANTED:
            await self._deliveries.missed(told, max(told.occurred_at or now, now - RETRIED))


def _secrets(values: Values) -> tuple[str, ...]:
    if not values.webhook_secrets:
        raise SettingsIncomplete("Missing: WORKOS_WEBHOOK_SECRET.", headers={"Retry-After": "60"})
    return values.webhook_secrets
