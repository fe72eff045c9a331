"""Sandbox: the twin as an object that can be run inside an event loop."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from sandbox import seed as seeds
from sandbox.control import control_app
from sandbox.controls import Controls
from sandbox.front import Front
from sandbox.listener import Listener
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
    def from_seed(cls, source: Seed | None = None, *, random_seed: int | None = None) -> "Sandbox":
        """Return a twin planted from a YAML file or a dict; the demo world without one.

        Raises `OSError` or `ValueError` (pydantic's, with the place) for a seed that cannot be read.
        """
        return cls(seeds.read(source, random_seed))

    @contextlib.asynccontextmanager
    async def running(
        self,
        port: int = 0,
        control_port: int | None = None,
        host: str = "127.0.0.1",
    ) -> AsyncGenerator[Urls]:
        """Serve both ports in the current event loop. Port 0 takes free ones; else control is the next one up.

        Raises `OSError` when a port is taken.
        """
        public = Listener(self.public, host, port)
        control = Listener(self.control, host, (port + 1 if port else 0) if control_port is None else control_port)
        try:
            await public.open()
            self._listener = public
            await control.open()
            yield Urls(public.url, control.url)
        finally:
            self._listener = None
            await control.close()
            await public.close()
