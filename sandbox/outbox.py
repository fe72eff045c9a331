"""Outbox: deliveries that wait, in the order and with the trouble that was ordered. It signs; it sends nothing."""

import heapq
import json
import time
from collections.abc import Callable
from itertools import count

from sandbox.deliveries import AttemptLog, Delivery
from sandbox.event_book import Event
from sandbox.records import Endpoint
from sandbox.signatures import HEADER, signature
from sandbox.state import World
from sandbox.webhook_faults import WebhookFaults
from sandbox.wire_events import event as envelope

RETRIES = 6
WINDOW_SECONDS = 0.2


def nobody() -> None:
    """Nobody waits for deliveries."""


class Outbox:
    """What waits to be sent. `changed` is called whenever something was added or may have become due."""

    def __init__(self, world: World, attempts: AttemptLog) -> None:
        self.world = world
        self.attempts = attempts
        self.faults = WebhookFaults()
        self.changed: Callable[[], None] = nobody
        self.at_work = 0
        self._resets = 0
        self.clear()

    def clear(self) -> None:
        """Forget everything that waits, and all orders; an attempt that is on its way leaves no trace."""
        self._resets += 1
        self.faults = WebhookFaults()
        self._held: list[Delivery] = []
        self._window: list[Delivery] = []
        self._window_due = 0.0
        self._waiting: list[tuple[float, int, Delivery]] = []
        self._places = count()

    @property
    def busy(self) -> bool:
        """Whether anything waits or is on its way; what is held does not count."""
        return bool(self._waiting or self._window or self.at_work)

    def take(self, event: Event) -> None:
        """Address an event to every endpoint that wants it."""
        for endpoint in self.world.endpoints.values():
            if endpoint.status == "enabled" and event.event in endpoint.events:
                self._address(event, endpoint)
        self.changed()

    def set_faults(self, faults: WebhookFaults) -> None:
        """Take orders. Deliveries held or collected under the old ones go on when the new ones no longer ask for it."""
        self.faults = faults
        if not faults.hold:
            self.release()
        if faults.reorder <= 1:
            self._close_window()
        self.changed()

    def release(self) -> int:
        """Let go of what is held; returns how many."""
        held, self._held = self._held, []
        for delivery in held:
            self._admit(delivery)
        self.changed()
        return len(held)

    def seconds_to_next(self) -> float | None:
        """How long until the next delivery is due, None when nothing waits."""
        dues = [self._waiting[0][0]] if self._waiting else []
        if self._window:
            dues.append(self._window_due)
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def next_due(self) -> Delivery | None:
        """Return the next delivery that is due, signed for its next attempt; None when there is none yet."""
        now = time.monotonic()
        if self._window and self._window_due <= now:
            self._close_window()
        if not self._waiting or self._waiting[0][0] > now:
            return None
        return self._signed(heapq.heappop(self._waiting)[2])

    def take_all(self, at: float | None = None) -> list[Delivery]:
        """Return everything that waits in the order of its going out, signed; held deliveries stay."""
        self._close_window()
        waiting, self._waiting = sorted(self._waiting, key=lambda each: each[:2]), []
        return [self._signed(delivery, at) for _, _, delivery in waiting]

    def ended(self, delivery: Delivery, *, well: bool) -> None:
        """Take note that an attempt ended: a failed one is tried again, six times at most, ever later."""
        if well or delivery.reset != self._resets or delivery.attempt > RETRIES:
            return
        self._wait(delivery, self.world.switches.webhook_retry_seconds * 2 ** (delivery.attempt - 1))
        self.changed()

    def knows(self, delivery: Delivery) -> bool:
        """Tell whether a delivery is still wanted: no reset since, and its endpoint there and enabled."""
        endpoint = self.world.endpoints.get(delivery.endpoint_id)
        return delivery.reset == self._resets and endpoint is not None and endpoint.status == "enabled"

    def _address(self, event: Event, endpoint: Endpoint) -> None:
        body = json.dumps(envelope(event), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
        for _ in range(1 + self.faults.duplicate):
            delivery = Delivery(
                endpoint_id=endpoint.id,
                url=endpoint.endpoint_url,
                secret=endpoint.secret,
                event=event,
                body=body,
                reset=self._resets,
            )
            if self._is_dropped():
                self.attempts.add(self.world.now(), delivery, fault="drop")
            elif self.faults.hold:
                self._held.append(delivery)
            else:
                self._admit(delivery)

    def _is_dropped(self) -> bool:
        if self.faults.drop_next:
            self.faults.drop_next -= 1
            return True
        # Asked of the seed rather than of chance, so that the same calls lose the same deliveries.
        return self.faults.drop > 0 and int(self.world.ids.uuid("drop")[:8], 16) < self.faults.drop * 2**32

    def _admit(self, delivery: Delivery) -> None:
        if self.faults.reorder <= 1:
            self._wait(delivery, self.faults.delay)
            return
        if not self._window:
            self._window_due = time.monotonic() + WINDOW_SECONDS
        self._window.append(delivery)
        if len(self._window) >= self.faults.reorder:
            self._close_window()

    def _close_window(self) -> None:
        window, self._window = self._window, []
        for delivery in sorted(window, key=lambda _: self.world.ids.uuid("reorder")):
            self._wait(delivery, self.faults.delay)

    def _wait(self, delivery: Delivery, seconds: float) -> None:
        heapq.heappush(self._waiting, (time.monotonic() + seconds, next(self._places), delivery))

    def _signed(self, delivery: Delivery, at: float | None = None) -> Delivery:
        delivery.attempt += 1
        if delivery.attempt > 1 and not self.world.switches.resign_retries:
            return delivery
        secret, delivery.fault = delivery.secret, None
        if self.faults.missign:
            self.faults.missign -= 1
            secret, delivery.fault = f"not {secret}", "missign"
        elif self.faults.stale:
            delivery.fault = "stale"
        moment = (self.world.now() if at is None else at) - self.faults.stale
        delivery.headers = {
            "Content-Type": "application/json",
            "User-Agent": "WorkOS sandbox",
            HEADER: signature(delivery.body, secret, moment),
        }
        return delivery
