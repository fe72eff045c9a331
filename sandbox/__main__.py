"""`python -m sandbox`: the twin as a program."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import uvloop

from sandbox.refusals import Refusal
from sandbox.server import Sandbox

DEFAULT_PORT = 4100


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT. Returns the exit status: 0, or 1 with a line that says why it could not start."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.webhook_secret and not options.webhook_url:
        parser.error("--webhook-secret needs --webhook-url")
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(options))
    except Refusal as error:
        print(f"sandbox: {error.body['message']}", file=sys.stderr)  # noqa: T201
        return 1
    except (OSError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)  # noqa: T201 - a program speaks to its operator
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A WorkOS stand-in for tests and demos.")
    port = int(os.environ.get("SANDBOX_PORT") or DEFAULT_PORT)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=port, help="WorkOS's port (default: $SANDBOX_PORT or 4100)")
    parser.add_argument("--control-port", type=int, help="port of the control API (default: the next one up)")
    parser.add_argument("--seed", type=Path, help="YAML file with the world (default: the demo world)")
    parser.add_argument("--random-seed", type=int, help="number that all ids and codes follow from")
    parser.add_argument("--no-hits", action="store_true", help="do not record hits (for measurements)")
    parser.add_argument("--webhook-url", help="where to send webhooks of all events (default: nowhere)")
    parser.add_argument("--webhook-secret", help="what to sign them with (default: one that follows from the seed)")
    parser.add_argument("--first-event", type=int, default=0, help="number that event ids count from (default: 0)")
    return parser


async def _serve(options: argparse.Namespace) -> None:
    """Run both ports and wait for a signal."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    sandbox = Sandbox.from_seed(
        options.seed,
        random_seed=options.random_seed,
        webhook_url=options.webhook_url,
        webhook_secret=options.webhook_secret,
    )
    sandbox.world.ids.start_at("event", options.first_event)
    sandbox.record_hits(on=not options.no_hits)
    async with sandbox.running(options.port, options.control_port, options.host) as urls:
        print(f"sandbox: WorkOS API on {urls.base_url}", flush=True)  # noqa: T201
        print(f"sandbox: control on {urls.control_url}", flush=True)  # noqa: T201
        for endpoint in sandbox.world.endpoints.values():
            print(f"sandbox: webhooks to {endpoint.endpoint_url}, secret {endpoint.secret}", flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    sys.exit(main())
