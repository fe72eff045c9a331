"""`python -m bench.floors`: serve one floor, and the token and key doors that load and proofs ask first; or work."""

import argparse
import asyncio
import contextlib
import signal

import uvloop

from bench.floors import jwks, token
from bench.floors.book import FloorModule, floor
from bench.floors.ground import Ground
from bench.floors.tokens import Keyring
from bench.floors.wire import Door, Receive, Scope, Send, answer, refuse
from bench.serve import serve
from bench.workload import Drain


class Floor:
    """The ASGI callable: a dict of doors."""

    def __init__(self, workload: str, ground: Ground) -> None:
        self._workload = workload
        self._ground = ground
        self._doors: dict[str, Door] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or the lifespan."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        door = self._doors.get(scope["path"])
        if door is None:
            await refuse(send, 404, b"not_found")
        else:
            await door(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                doors = await token.open_doors(self._ground) | await jwks.open_doors(self._ground)
                self._doors = doors | await floor(self._workload).open_doors(self._ground) | {"/readyz": _ready}
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return


async def _ready(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, 200, [])


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser(prog="python -m bench.floors")
    parser.add_argument("workload")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--twin", type=int, required=True)
    parser.add_argument("--variant", default="")
    given = parser.parse_args()
    origin = f"http://127.0.0.1:{given.port}"
    ground = Ground(given.database, origin, given.twin, Keyring(origin), given.variant)
    module = floor(given.workload)
    if isinstance(module.WORKLOAD, Drain):
        uvloop.run(work(module, ground))
    else:
        serve(Floor(given.workload, ground), given.port)


async def work(module: FloorModule, ground: Ground) -> None:
    """Work until SIGTERM, which rolls back what is under way."""
    working = asyncio.ensure_future(module.work(ground))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working


if __name__ == "__main__":
    main()
