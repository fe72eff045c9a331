"""Rotation: what happens to which signing key next, as a pure decision (threats.md 5.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PUBLISHED_BEFORE_USE = timedelta(hours=24)
PUBLISHED_AFTER_USE = timedelta(hours=24)
ACTIVE_FOR = timedelta(days=30)

Step = Literal["publish", "activate", "retire"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A signing key's public facts."""

    kid: str
    alg: str
    status: str
    created_at: datetime
    activated_at: datetime | None
    retiring_at: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a rotation; `kid` is None where a new key is to be made."""

    step: Step
    alg: str
    kid: str | None = None


def due(keys: Sequence[KeyRow], now: datetime, *, alg: str = "ES256", at_once: bool = False) -> list[Move]:
    """Return what is due for the keys of one algorithm, in the order to be done.

    Args:
        keys: every key.
        now: the present instant.
        alg: the algorithm whose keys are looked at.
        at_once: an operator wants the next key now; it is still published before it is used, unless there is
            no active key at all.
    """
    mine = [key for key in keys if key.alg == alg]
    active = next((key for key in mine if key.status == "active"), None)
    upcoming = sorted((key for key in mine if key.status == "next"), key=lambda key: key.created_at)
    moves = [
        Move("retire", alg, key.kid)
        for key in mine
        if key.status == "retiring" and now - (key.retiring_at or key.created_at) >= PUBLISHED_AFTER_USE
    ]
    if _is_activation_due(active, upcoming, now, at_once=at_once):
        moves.append(Move("activate", alg, upcoming[0].kid if upcoming else None))
        upcoming = upcoming[1:]
    if not upcoming:
        moves.append(Move("publish", alg))
    return moves


def _is_activation_due(active: KeyRow | None, upcoming: Sequence[KeyRow], now: datetime, *, at_once: bool) -> bool:
    if active is None:
        return True  # nothing can be signed: even a key nobody has seen yet is better
    if not upcoming or now - upcoming[0].created_at < PUBLISHED_BEFORE_USE:
        return False  # verifiers with a cached JWKS would refuse its tokens (threats.md B12)
    return at_once or now - (active.activated_at or active.created_at) >= ACTIVE_FOR
