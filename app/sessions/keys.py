"""Verbs of signing keys: load, rotate, retire, reseal."""

from typing import Final

from app import log
from app.audit import service as audit
from app.db.lane import Lane
from app.kit.sealing import Sealer
from app.sessions import rotation
from app.sessions.key_repository import SigningKeys, published
from app.sessions.repository import mark_stale
from app.sessions.rotation import KeyRow, Move, Step
from app.tokens import signing_key
from app.tokens.keyring import Keyring
from app.tokens.signing_key import Algorithm, SigningKey
from app.uow import UnitOfWork

_ACTIONS: Final[dict[Step, str]] = {
    "publish": "key.published",
    "activate": "key.activated",
    "retire": "key.retired",
}
_logger = log.get("sessions.keys")


def _place(kid: str, alg: str) -> str:
    """The sealed part is bound to its row: copied over another row it does not open (threats.md B14, F4)."""
    return f"signing_keys|{kid}|{alg}"


async def load(lane: Lane, sealer: Sealer) -> Keyring:
    """Return the published keys as a keyring.

    Raises:
        SealBroken: a private part does not open with our encryption keys.
    """
    keys = [
        signing_key.from_private_bytes(
            sealer.open(row["private_sealed"], aad=_place(row["kid"], row["alg"])),
            alg=row["alg"],
            status=row["status"],
            kid=row["kid"],
        )
        for row in await published(lane)
    ]
    return Keyring(keys)


async def exist(lane: Lane) -> bool:
    """Return whether there is any published key."""
    return bool(await published(lane))


async def rotate(uow: UnitOfWork, sealer: Sealer, *, alg: Algorithm | None = None, at_once: bool = False) -> list[Move]:
    """Do what is due (see `rotation.due`), one process at a time; return what was done.

    Running it again at once does nothing: it is a periodic job as well as an operator's verb.
    """
    keys = SigningKeys(uow)
    await keys.lock()
    moves = rotation.due(await keys.rows(), uow.now, alg=alg, at_once=at_once)
    for move in moves:
        await _do(uow, keys, sealer, move)
    return moves


async def _do(uow: UnitOfWork, keys: SigningKeys, sealer: Sealer, move: Move) -> None:
    match move.step:
        case "publish":
            kid = await _make(keys, sealer, signing_key.generate(move.alg))
        case "activate":
            await _set_aside_active(keys)
            kid = move.kid or await _make(keys, sealer, signing_key.generate(move.alg, status="active"))
            if move.kid:
                await keys.move(move.kid, "active")
        case "retire":
            kid = str(move.kid)
            await keys.move(kid, "retired")
    await _announce(uow, kid, _ACTIONS[move.step])


async def _make(keys: SigningKeys, sealer: Sealer, key: SigningKey) -> str:
    await keys.insert(key, sealer.seal(key.to_private_bytes(), aad=_place(key.kid, key.alg)))
    return key.kid


async def _set_aside_active(keys: SigningKeys) -> None:
    for key in await keys.rows():
        if key.status == "active":
            await keys.move(key.kid, "retiring")


async def retire_at_once(uow: UnitOfWork, sealer: Sealer, kid: str) -> bool:
    """Emergency: the key is compromised and leaves every keyring and the JWKS within a second.

    Sessions live on: they are not signed by it, so people get new tokens silently. Returns whether there was
    such a key; another one is active when this returns.
    """
    keys = SigningKeys(uow)
    await keys.lock()
    before = await keys.rows()
    if not await keys.move(kid, "compromised"):
        return False
    await _announce(uow, kid, "key.compromised")
    # What signs stays of its kind, and so does what takes its place.
    alg: Algorithm | None = next((key.alg for key in before if key.status == "active"), None)
    for move in rotation.due(await keys.rows(), uow.now, alg=alg):
        await _do(uow, keys, sealer, move)
    return True


async def reseal(uow: UnitOfWork, sealer: Sealer) -> int:
    """Seal every key anew with the newest encryption key; return how many changed. May be repeated.

    Retired ones too: a row that only an old encryption key opens would keep that key from being given up.
    """
    keys = SigningKeys(uow)
    changed = 0
    for row in await keys.sealed():
        if sealer.needs_reseal(row["private_sealed"]):
            place = _place(row["kid"], row["alg"])
            await keys.reseal(row["kid"], sealer.seal(sealer.open(row["private_sealed"], aad=place), aad=place))
            changed += 1
    return changed


async def listing(uow: UnitOfWork) -> list[KeyRow]:
    """Return every key's public facts, oldest first."""
    return await SigningKeys(uow).rows()


async def _announce(uow: UnitOfWork, kid: str, action: str) -> None:
    # Every process reloads its keyring when it sees the mark (live.py).
    await mark_stale(uow, "kid", kid, voids=action == "key.compromised")
    await audit.record(uow, action, targets=[("signing_key", kid)])
    _logger.info("sessions.key.moved", kid=kid, step=action)
