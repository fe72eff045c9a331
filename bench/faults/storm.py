"""Storm: a stream of deliveries that are doubled, shuffled, dropped and stale, made as it is sent."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from bench.faults.model import Model
from bench.faults.sender import Delivery

_AT_ONCE = 50
_TOO_OLD_S = 200.0


@dataclass(frozen=True, slots=True)
class Weather:
    """Fractions of deliveries that are lost, doubled, too old to be believed; how many are shuffled with each other."""

    dropped: float = 0.02
    doubled: float = 0.1
    stale: float = 0.001
    window: int = 200


class Storm:
    """Lets things happen until `count` events were made; yields their deliveries as the weather leaves them."""

    def __init__(self, model: Model, rng: random.Random, count: int, weather: Weather) -> None:
        self.made: list[str] = []
        self.dropped = self.doubled = self.stale = 0
        self._model = model
        self._rng = rng
        self._count = count
        self._weather = weather

    async def deliveries(self, may_go_on: Callable[[], Awaitable[None]]) -> AsyncIterator[Delivery]:
        """Yield them; `may_go_on` is awaited now and then and holds the storm back while there is too much to do."""
        window: list[Delivery] = []
        while len(self.made) < self._count:
            await may_go_on()
            for each in self._model.steps(_AT_ONCE):
                self.made.append(each.event_id)
                window += self._weathered(each)
            await asyncio.sleep(0)
            while len(window) > self._weather.window:
                yield self._any_of(window)
        while window:
            yield self._any_of(window)

    def _any_of(self, window: list[Delivery]) -> Delivery:
        place = self._rng.randrange(len(window))
        window[place], window[-1] = window[-1], window[place]
        return window.pop()

    def _weathered(self, delivery: Delivery) -> list[Delivery]:
        chance, weather = self._rng.random(), self._weather
        if chance < weather.dropped:
            self.dropped += 1
            return []
        if chance < weather.dropped + weather.stale:
            self.stale += 1
            return [Delivery(delivery.event_id, delivery.body, _TOO_OLD_S)]
        if chance < weather.dropped + weather.stale + weather.doubled:
            self.doubled += 1
            return [delivery, delivery]
        return [delivery]
