"""Rotation: what happens to which signing key next, as a pure decision (threats.md 5.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.tokens.signing_key import ALGORITHMS, Algorithm

PUBLISHED_BEFORE_USE = timedelta(hours=24)
PUBLISHED_AFTER_USE = timedelta(hours=24)
ACTIVE_FOR = timedelta(days=30)

Step = Literal["publish", "activate", "retire"]


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A signing key's public facts."""

    kid: str
    alg: Algorithm
    status: str
    created_at: datetime
    activated_at: datetime | None
    retiring_at: datetime | None


@dataclass(frozen=True, slots=True)
class Move:
    """One step of a rotation; `kid` is None where a new key is to be made."""

    step: Step
    alg: Algorithm
    kid: str | None = None


def due(keys: Sequence[KeyRow], now: datetime, *, alg: Algorithm | None = None, at_once: bool = False) -> list[Move]:
    """Return what is due, in the order to be done. One key is active at a time, of whatever algorithm.

    Args:
        keys: every key.
        now: the present instant.
        alg: the algorithm of the next key; that of the active one when absent. An operator changes it by asking for
            another one, twice: the first time publishes the key, the second (24 hours later) activates it.
        at_once: an operator wants the next key now; it is still published before it is used, unless there is
            no active key at all.
    """
    active = _active(keys)
    wanted = alg or (active.alg if active else ALGORITHMS[0])
    ready = sorted((key for key in keys if key.status == "next" and key.alg == wanted), key=lambda key: key.created_at)
    moves = [Move("retire", key.alg, key.kid) for key in keys if _is_old(key, now)]
    if _is_activation_due(active, ready, now, at_once=at_once):
        moves.append(Move("activate", wanted, ready[0].kid if ready else None))
        moves += [Move("retire", key.alg, key.kid) for key in keys if key.status == "next" and key.alg != wanted]
        ready = ready[1:]
    if not ready:
        moves.append(Move("publish", wanted))
    return moves


def _active(keys: Sequence[KeyRow]) -> KeyRow | None:
    # In the order in which a keyring prefers them, should there ever be one of each algorithm.
    active = [key for key in keys if key.status == "active"]
    return min(active, key=lambda key: ALGORITHMS.index(key.alg), default=None)


def _is_old(key: KeyRow, now: datetime) -> bool:
    return key.status == "retiring" and now - (key.retiring_at or key.created_at) >= PUBLISHED_AFTER_USE


def _is_activation_due(active: KeyRow | None, upcoming: Sequence[KeyRow], now: datetime, *, at_once: bool) -> bool:
    if active is None:
        return True  # nothing can be signed: even a key nobody has seen yet is better
    if not upcoming or now - upcoming[0].created_at < PUBLISHED_BEFORE_USE:
        return False  # verifiers with a cached JWKS would refuse its tokens (threats.md B12)
    return at_once or now - (active.activated_at or active.created_at) >= ACTIVE_FOR
