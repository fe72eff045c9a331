"""Verbs of the hash chain: seal what was committed, and verify.

An event is written together with its mark in `audit_unsealed`. Sealing takes the marks that it sees, whatever instant
or id their events have: what commits later is sealed later, and nothing is passed over. Each seal is the SHA-256 of the
seal before it and of the event's digest, so that no event can be changed, taken out or put in between without breaking
every seal behind it. Whoever can write everything in the database could make all seals anew: the log has the end of
each chain whenever it moves, and is kept elsewhere.
"""

import hashlib
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app import log
from app import uow as units
from app.audit.chain_repository import START, Broken, Chain, Chains, Place, owners_of_unsealed
from app.uow import UnitOfWork

_AT_ONCE: Final = 10_000
_MOST: Final = 10_000
"""Events sealed in one transaction: it ends within a second or two, and the next one goes on."""
_SEALED_AT_ONCE: Final = 5_000
_OWNERS: Final = 500
_logger = log.get("audit")

Reading = Callable[[], AbstractAsyncContextManager[UnitOfWork]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: how many sealed events were looked at, and the first that does not fit, if any.

    `through` is when the newest sealed event happened; `unsealed` events wait for the next sealing.
    """

    checked: int
    broken: Broken | None
    through: datetime | None
    unsealed: int


async def seal(uow: UnitOfWork) -> int:
    """Seal what every tenant has committed, 10,000 events at most; return how many."""
    done = 0
    for owner in await owners_of_unsealed(uow, _OWNERS):
        if done < _MOST:
            done += await _seal_some(await units.enter(uow, owner), _SEALED_AT_ONCE)
    return done


async def _seal_some(uow: UnitOfWork, most: int) -> int:
    chain = Chain(uow)
    head = await chain.head()
    events = await chain.waiting(most)
    if not events:  # another process has sealed them meanwhile
        return 0
    last, seals = bytes(head["seal"]), list[bytes]()
    for event in events:
        last = hashlib.sha256(last + (event["digest"] or b"")).digest()
        seals.append(last)
    position = head["position"] + len(events)
    instants = [at for at in (head["through"], *(event["occurred_at"] for event in events)) if at is not None]
    await chain.append([event["event_id"] for event in events], seals, after=head["position"])
    await chain.move(position, last, max(instants, default=None))
    _logger.info("audit.sealed", organization_id=str(uow.tenant), position=position, seal=last.hex())
    return len(events)


async def verify(reading: Reading, owner: UUID | None) -> Verdict:
    """Check every sealed event, and that there is none beside them; in batches, each in a short unit of its own.

    Args:
        reading: opens a unit that reads as far as whoever asks may.
        owner: only this organization's chain; None for all that the unit sees.
    """
    place: Place | None = START
    checked, broken = 0, None
    while place is not None and broken is None:
        async with reading() as uow:
            part = await Chains(uow, owner).part(place, _AT_ONCE)
        checked, place, broken = checked + part.count, part.after, part.broken
    async with reading() as uow:
        chains = Chains(uow, owner)
        broken = broken or await chains.cut_off() or await chains.forged()
        told = await chains.through()
    return Verdict(checked, broken, told["through"], told["unsealed"])
