"""Forwarding: each tenant's sealed events to its organization's audit log at WorkOS, none lost and none twice.

They are sent one after the other in the order of the chain, each with its own id as the idempotency key: what is sent
again, because a worker was killed or an answer lost, adds nothing. How far it has come is written down after every
batch. What WorkOS refuses is put aside and tried again, so that it holds up nothing behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.audit import forwarded
from app.audit.following_repository import Following, begun, behind
from app.audit.refused_repository import Refused, owners, owners_due
from app.kit.backoff import full_jitter
from app.kit.rows import Row
from app.problems import Problem
from app.queue import outbox
from app.queue.outbox import Job, Wish
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.workos.errors import AuditEntryRefused
from app.workos.gateway import WorkOSSource

FORWARD: Final = "audit.forward"
"""The outbox's job that sends a tenant's events, a batch at a time: tenants take turns."""
READER: Final = "workos"
_OWNERS: Final = 200
_AT_ONCE: Final = 50  # five seconds at WorkOS's pace: a worker that is told to stop finishes them
_BASE_SECONDS: Final = 30.0
_LONGEST_SECONDS: Final = 900.0
_ENOUGH_TRIES: Final = 16  # the pause does not grow any more
_WISH: Final = Wish(FORWARD, "")
_logger = log.get("audit")


@dataclass(frozen=True, slots=True)
class _Batch:
    """What is to be sent: events behind a position of the chain, up to `through`, and refused ones that are due."""

    organization: str | None
    new: Sequence[Row]
    again: Sequence[Row]
    position: int
    through: int

    @property
    def is_full(self) -> bool:
        return _AT_ONCE in {self.through - self.position, len(self.again)}


@dataclass(slots=True)
class _Outcome:
    """What became of a batch: `sent` events need nothing more, and `problem` has kept the rest from being sent."""

    sent: list[Row] = field(default_factory=list[Row])
    refused: list[Row] = field(default_factory=list[Row])
    problem: Problem | None = None


async def queue(uow: UnitOfWork) -> None:
    """Have those tenants' events sent whose record has grown, or of whom something that was refused is due again."""
    start = await begun(uow, READER)
    grown = await behind(uow, READER, job=FORWARD, most=_OWNERS)
    for owner in dict.fromkeys([*grown, *await owners_due(uow, job=FORWARD, most=_OWNERS)]):
        tenant = await units.enter(uow, owner)
        await Following(tenant, READER).open(start)
        await tenant.enqueue([_WISH])


async def forward(runtime: Runtime, begin: Begin, job: Job) -> None:
    """Send a tenant's next events, and queue the ones behind them.

    Raises:
        UpstreamUnavailable, UpstreamRefused, UpstreamNotFound, UpstreamInvalidResponse, SettingsIncomplete: some of
            them could not be sent; what was is written down.
    """
    async with begin(job.organization_id) as uow:
        batch = await _next(uow)
    if batch.organization is None:  # it was linked when this was queued
        return
    outcome = await _send(runtime.workos, batch.organization, job.organization_id, [*batch.new, *batch.again])
    async with begin(job.organization_id) as uow:
        await _note(uow, batch, outcome)
        if outcome.problem is None and await outbox.finish(uow, job) and batch.is_full:
            await uow.enqueue([_WISH])
    if outcome.problem is not None:
        raise outcome.problem


async def hurry(reading: Begin, begin: Begin) -> int:
    """Let everything that WorkOS has refused be tried again now, of every tenant; return how much that is."""
    async with reading() as uow:
        waiting = await owners(uow)
    hurried = 0
    for owner in waiting:
        async with begin(owner) as uow:
            hurried += await Refused(uow).hurry()
    return hurried


async def _next(uow: UnitOfWork) -> _Batch:
    following = Following(uow, READER)
    # Before the position: what another worker refuses meanwhile would be among both.
    again = await Refused(uow).due(_AT_ONCE)
    position = await following.position()
    through = min(position + _AT_ONCE, await following.end())
    new = await following.next(position, through - position)
    return _Batch(await following.link(), new, again, position, through)


async def _send(workos: WorkOSSource, organization: str, owner: UUID, events: Sequence[Row]) -> _Outcome:
    """Send events until there are no more, or WorkOS cannot be asked.

    Where an action has no schema one event finds that out for the batch: the others are put aside untried. Each of
    those has its own time to be sent again, so that one odd event keeps none of its kind back for ever.
    """
    outcome, unknown = _Outcome(), set[str]()
    for event in events:
        action = event["action"]
        if action in unknown:
            outcome.refused.append(event)
            continue
        try:
            if action in forwarded.ACTIONS:
                told = forwarded.entry(event, owner)
                await workos.create_audit_event(told, organization=organization, idempotency_key=str(event["id"]))
        except AuditEntryRefused:
            unknown.add(action)
            outcome.refused.append(event)
        except Problem as problem:
            outcome.problem = problem
            return outcome
        else:
            outcome.sent.append(event)
    return outcome


async def _note(uow: UnitOfWork, batch: _Batch, outcome: _Outcome) -> None:
    """Write down what was sent and what was refused; what was neither is sent the next time."""
    done = {event["id"] for event in (*outcome.sent, *outcome.refused)}
    left = next((event for event in batch.new if event["id"] not in done), None)
    await Following(uow, READER).move(batch.through if left is None else left["position"] - 1)
    if batch.again:
        await Refused(uow).forget([event["id"] for event in outcome.sent])
    if not outcome.refused:
        return
    tries = {event["id"]: event["tries"] for event in batch.again}
    events = [event["id"] for event in outcome.refused]
    actions = [event["action"] for event in outcome.refused]
    await Refused(uow).put(events, actions, [uow.now + _pause(event, tries.get(event, 0) + 1) for event in events])
    _logger.warning(
        "audit.forwarding.refused",
        organization_id=str(uow.tenant),
        actions=sorted(set(actions)),
        events=len(events),
    )


def _pause(event: UUID, tries: int) -> timedelta:
    """Return how long to wait before an event that was refused so often is sent again."""
    grown = min(tries, _ENOUGH_TRIES)
    return timedelta(seconds=full_jitter(str(event), grown, base=_BASE_SECONDS, longest=_LONGEST_SECONDS))
