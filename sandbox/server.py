"""Sandbox: the twin as an object that can be run inside an event loop."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from sandbox import seed as seeds
from sandbox.control import control_app
from sandbox.controls import Controls
from sandbox.front import Front
from sandbox.listener import Listener
from sandbox.postman import Postman
from sandbox.public import public_app
from sandbox.seed import Seed, WorldSeed


@dataclass(frozen=True)
class Urls:
    """Where a running twin is reached."""

    base_url: str
    control_url: str


class Sandbox(Controls):
    """A WorkOS twin: `Sandbox.from_seed()`, then `async with sandbox.running() as urls:`."""

    def __init__(self, seed: WorldSeed) -> None:
        super().__init__(seed)
        self.public = Front(public_app(self.world), self.world, self._faults, self._hits)
        self.control = control_app(self)

    @classmethod
    def from_seed(
        cls,
        source: Seed | None = None,
        *,
        random_seed: int | None = None,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
    ) -> "Sandbox":
        """Return a twin planted from a YAML file or a dict; the demo world without one.

        With `webhook_url` it has a webhook endpoint for all events, which a reset keeps. Raises `OSError` or
        `ValueError` (pydantic's, with the place) for a seed that cannot be read, `Refusal` for a URL that is none.
        """
        made = cls(seeds.read(source, random_seed))
        if webhook_url:
            made.give_endpoint(webhook_url, webhook_secret)
        return made

    @contextlib.asynccontextmanager
    async def running(
        self,
        port: int = 0,
        control_port: int | None = None,
        host: str = "127.0.0.1",
        *,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
    ) -> AsyncGenerator[Urls]:
        """Serve both ports and send webhooks in the current event loop.

        Port 0 takes free ones; else control is the next one up. `webhook_url` registers an endpoint as in `from_seed`.
        Raises `OSError` when a port is taken.
        """
        if webhook_url:
            self.give_endpoint(webhook_url, webhook_secret)
        public = Listener(self.public, host, port)
        control = Listener(self.control, host, (port + 1 if port else 0) if control_port is None else control_port)
        try:
            await public.open()
            self._listener = public
            await control.open()
            posting = asyncio.create_task(Postman(self._outbox).run())
            try:
                yield Urls(public.url, control.url)
            finally:
                posting.cancel()
                await asyncio.gather(posting, return_exceptions=True)
        finally:
            self._listener = None
            await control.close()
            await public.close()
