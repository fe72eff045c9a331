"""Hot door of deliveries: POST /webhooks/workos."""

from app.config import Config
from app.http.answers import Answer, json_answer
from app.http.exchange import Exchange
from app.problems import SettingsIncomplete
from app.queue.batch import Batch
from app.runtime import Runtime
from app.webhooks import delivery
from app.webhooks.delivery import Delivery
from app.webhooks.errors import WebhookSignatureInvalid, WebhookTimestampStale
from app.webhooks.repository import Deliveries
from app.workos.signatures import signed_at

TOLERANCE_MS = 180_000
_RECEIVED = json_answer({"received": True})


class WebhookDoor:
    """Takes deliveries: proves them, keeps them, and only then says so."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        store = Deliveries(runtime.lane, runtime.ids, runtime.clock).store
        self._batch = Batch[Delivery, bool](store, lanes=2)

    async def receive(self, exchange: Exchange) -> Answer:
        """POST /webhooks/workos: 200 once the delivery is committed; the same event again changes nothing.

        Raises:
            SettingsIncomplete: there is no webhook secret, so nothing can be proven.
            WebhookSignatureInvalid, WebhookTimestampStale: not WorkOS's, or not of now.
            TooLarge, UnsupportedBody, ClientGone: the body is too long, compressed or cut off.
        """
        secrets = _secrets(self._runtime.config)
        body = await exchange.body()
        at = signed_at(exchange.header(b"workos-signature"), body, secrets)
        if at is None:
            raise WebhookSignatureInvalid
        if abs(self._runtime.clock.now().timestamp() * 1000 - at) > TOLERANCE_MS:
            raise WebhookTimestampStale
        await self._batch.submit(delivery.read(body, "webhook"))
        return _RECEIVED


def _secrets(config: Config) -> tuple[str, ...]:
    if not config.webhook_secrets:
        raise SettingsIncomplete("Missing: WORKOS_WEBHOOK_SECRET.", headers={"Retry-After": "60"})
    return config.webhook_secrets
