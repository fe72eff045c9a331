"""Deliveries of webhooks, and the record of every attempt."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from sandbox.event_book import Event
from sandbox.wire import Json, instant

KEPT = 10_000
ANSWER_KEPT = 1000


@dataclass(kw_only=True)
class Delivery:
    """One event on its way to one endpoint. `headers` are those of the latest attempt, signed for it."""

    endpoint_id: str
    url: str
    secret: str
    event: Event
    body: bytes
    reset: int
    attempt: int = 0
    headers: dict[str, str] = field(default_factory=dict[str, str])
    fault: str | None = None


@dataclass(kw_only=True)
class Attempt:
    """What became of one attempt: an answer, or an error without one. `fault` is what was ordered to go wrong."""

    at: float
    delivery: Delivery
    number: int
    signature: str | None = None
    status: int | None = None
    answer: str = ""
    error: str | None = None
    fault: str | None = None
    milliseconds: int = 0

    def shape(self) -> Json:
        """Return the attempt as the control API shows it."""
        return {
            "at": instant(self.at),
            "event_id": self.delivery.event.id,
            "event": self.delivery.event.event,
            "endpoint_id": self.delivery.endpoint_id,
            "url": self.delivery.url,
            "attempt": self.number,
            "signature": self.signature,
            "status": self.status,
            "answer": self.answer,
            "error": self.error,
            "fault": self.fault,
            "milliseconds": self.milliseconds,
        }


class AttemptLog:
    """The last 10,000 attempts."""

    def __init__(self) -> None:
        self._attempts: deque[Attempt] = deque(maxlen=KEPT)

    def add(self, at: float, delivery: Delivery, **outcome: Any) -> None:  # noqa: ANN401
        """Record how an attempt at a delivery ended."""
        signed = delivery.headers.get("WorkOS-Signature")
        fields: dict[str, Any] = {"number": delivery.attempt, "signature": signed, "fault": delivery.fault, **outcome}
        self._attempts.append(Attempt(at=at, delivery=delivery, **fields))

    def clear(self) -> None:
        """Forget all attempts."""
        self._attempts.clear()

    def of(self, event: str | None = None) -> list[Attempt]:
        """Return the attempts, oldest first, of one event (its id or its name) when given."""
        return [each for each in self._attempts if event in (None, each.delivery.event.id, each.delivery.event.event)]
