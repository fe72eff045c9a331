"""Operator verbs of background work: what was given up is tried again; WorkOS is told of our audit events."""

import argparse
import asyncio
import sys
from collections.abc import Callable
from uuid import UUID

from app import log
from app import uow as units
from app.audit import forwarding
from app.audit import service as audit
from app.audit.forwarded import ACTIONS
from app.bootstrap import assembled, database_url
from app.config import load
from app.http.wire import wire
from app.problems import Problem
from app.queue import outbox
from app.runtime import Runtime

Verb = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_to(verb: Verb) -> None:
    """Give the command these verbs."""
    replaying = verb("replay", _replay, "what the outbox gave up: list it, or have it tried again")
    replaying.add_argument("--list", action="store_true", help="only list it, with the reasons")
    replaying.add_argument("--job", help="only this job, such as portal.revoke_links")
    replaying.add_argument("--id", type=UUID, help="only this piece of work")
    verb("audit-schemas", _audit_schemas, "tell WorkOS's Audit Logs of the events that are forwarded there")


def _replay(arguments: argparse.Namespace) -> int:
    config = load()
    log.set_up("error")

    async def act(url: str) -> list[str]:
        async with assembled(config, url) as assembly:
            return await _replayed(assembly.runtime, arguments)

    with database_url(config) as url:
        lines = asyncio.run(act(url))
    print("\n".join(lines))
    return 0


async def _replayed(runtime: Runtime, arguments: argparse.Namespace) -> list[str]:
    """Make what is dead due again, unless it is only to be listed; return the lines that tell of it."""
    async with units.beginner(runtime, unscoped=True)() as uow:
        found = [row for row in await outbox.dead(uow, name=arguments.job) if arguments.id in {None, row["id"]}]
    lines = [f"{row['id']}  {row['job']}  since {wire(row['done_at'])}  {row['last_error']}" for row in found]
    if arguments.list or not found:
        return lines or ["Nothing was given up."]
    due, begin = 0, units.beginner(runtime)
    for owner in {row["organization_id"] for row in found}:
        async with begin(owner) as uow:
            count = await outbox.replay(uow, job=arguments.id, name=arguments.job)
            if count:
                await audit.record(uow, "outbox.replayed", jobs=count)
        due += count
    return [*lines, f"{due} pieces of work are due again."]


def _audit_schemas(_arguments: argparse.Namespace) -> int:
    config = load()
    log.set_up("error")

    async def act(url: str) -> int:
        async with assembled(config, url) as assembly:
            return await describe_events(assembly.runtime)

    with database_url(config) as url:
        return asyncio.run(act(url))


async def describe_events(runtime: Runtime) -> int:
    """Create every schema at WorkOS, telling of each, and have sent again what was refused; return the exit code."""
    for number, (action, shape) in enumerate(ACTIONS.items(), 1):
        try:
            await runtime.workos.create_audit_schema(action, targets=shape.targets, metadata=shape.metadata)
        except Problem as problem:
            why = f"{problem.title} {problem.detail or ''}".strip()
            print(f"memberpulse-auth: {action}: {why} {problem.remedy}", file=sys.stderr)
            print(f"{number - 1} of {len(ACTIONS)} schemas are there. Mend it, then run it again.", file=sys.stderr)
            return 1
        print(f"{number:>2}/{len(ACTIONS)}  {action}", flush=True)
    hurried = await forwarding.hurry(units.beginner(runtime, unscoped=True), units.beginner(runtime))
    print(f"WorkOS has every schema. {hurried} events that it had refused are sent again.")
    if runtime.config.audit_forwarding == "off":
        print("Events are forwarded once AUDIT_FORWARDING=on is set.")
    return 0
