"""X-21: the webhook secret and the encryption key are replaced while deliveries and sign-ins go on."""

import asyncio
import base64
import hashlib
from collections import Counter

import httpx

from app.jobs import RESEALED
from bench.faults import inbox, mirror
from bench.faults.findings import Findings
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Sender
from bench.faults.stage import Stage, a_stage
from bench.faults.visitor import one_sign_in

_ROTATE = "/api/settings/workos/rotate"
_RATE = 50
_KILLED_AFTER_S = 1.5
_SIGNED_IN = 303


async def _rotated(run: Run) -> Findings:
    found, count = Findings(), run.sized(500)
    secret = hashlib.sha256(b"webhooks, the second").hexdigest()
    async with a_stage(run.server, run.seed) as stage:
        await inbox.settled(stage)
        # Who signs in all the while must not be dismissed by the model meanwhile: 403 would be right.
        stage.model.spared = {person.id for person in stage.model.tenants[0].people.values()}
        before, after = stage.sender(), Sender(stage.port, secret, stage.ledger)
        stop, logins = asyncio.Event(), Counter[str]()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_sign_in(stage, stop, logins))
            sent = await _webhook_secret(stage, secret, count, before, after)
            sent += await _encryption_key(stage, count, after)
            stop.set()
        await inbox.settled(stage)
        statuses = before.sent.statuses + after.sent.statuses
        # 0: nobody listened while the one process was restarted; it is sent again, as WorkOS does.
        refused = [
            f"{status}: {number}" for status, number in statuses.items() if not (200 <= status < 300 or not status)
        ]
        found.must_be_zero("deliveries refused", refused)
        found.must_be_zero("sign-ins refused", [f"{word}: {n}" for word, n in logins.items() if word != "303"])
        found.note("sign-ins", logins[str(_SIGNED_IN)])
        found.must_be_zero("values under the old key", await _left(stage))
        await inbox.check(stage, found, sent)
        await mirror.check(stage, found)
    return found


async def _webhook_secret(stage: Stage, secret: str, count: int, before: Sender, after: Sender) -> list[str]:
    """Replace it as docs/rotate.md says; return the events that were sent."""
    admin = await stage.admin()
    old, both, new = (stage.model.steps(count) for _ in range(3))
    await before.send(old, rate=_RATE)
    await admin.post(_ROTATE, {"secret": "webhook_secret", "step": "stage", "value": secret})
    await asyncio.gather(before.send(both[::2], rate=_RATE / 2), after.send(both[1::2], rate=_RATE / 2))
    await admin.post(_ROTATE, {"secret": "webhook_secret", "step": "promote"})
    await after.send(new, rate=_RATE)
    await admin.close()
    return [each.event_id for each in (*old, *both, *new)]


async def _encryption_key(stage: Stage, count: int, sender: Sender) -> list[str]:
    """Replace it step by step, under deliveries; return the events that were sent."""
    old = stage.settings["ENCRYPTION_KEYS"]
    new = "x21:" + base64.b64encode(hashlib.sha256(b"sealing, the second").digest()).decode()
    deliveries = stage.model.steps(2 * count)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(sender.send(deliveries, rate=_RATE))
        for keys in (f"{old},{new}", f"{new},{old}"):
            await _restart(stage, keys)
        killed, whole = (stage.program("keys", "reseal", ENCRYPTION_KEYS=f"{new},{old}") for _ in range(2))
        killed.start()
        await asyncio.sleep(_KILLED_AFTER_S)
        await killed.kill()
        whole.start()
        await whole.done()
        await _restart(stage, new)
    return [each.event_id for each in deliveries]


async def _restart(stage: Stage, keys: str) -> None:
    """End both processes and start them with these keys, the API first."""
    await stage.api.end()
    stage.api = stage.program("serve", "--workers", "1", ENCRYPTION_KEYS=keys)
    stage.api.start()
    await stage.ready()
    await stage.worker.end()
    stage.worker = stage.program("worker", "--concurrency", "8", ENCRYPTION_KEYS=keys)
    stage.worker.start()


async def _sign_in(stage: Stage, stop: asyncio.Event, seen: Counter[str]) -> None:
    """Sign somebody in five times a second; what is cut off by a restart is tried again, as a person would."""
    number = 0
    while not stop.is_set():
        try:
            seen[str((await one_sign_in(stage, number)).status)] += 1
        except httpx.HTTPStatusError as refused:
            seen[f"start {refused.response.status_code}"] += 1
        except httpx.TransportError:
            pass
        number += 1
        await asyncio.sleep(0.2)


async def _left(stage: Stage) -> list[str]:
    """Return the columns in which a value is not sealed by the new key."""
    left: list[str] = []
    for column in RESEALED:
        table, name = column.split(".")
        others = f"select count(*) from {table} where substring({name} from 1 for 6) <> '1:x21:'"  # noqa: S608 -- names of our own
        if number := await stage.count(others):
            left.append(f"{column}: {number}")
    return left


SCENARIOS = (Scenario("X-21", "webhook secret and encryption key replaced under load", _rotated),)
