"""Verbs of signing keys: load, rotate, retire, reseal."""

from app import log
from app.audit import service as audit
from app.db.lane import Lane
from app.kit.sealing import Sealer
from app.sessions import rotation
from app.sessions.key_repository import SigningKeys, published
from app.sessions.repository import mark_stale
from app.sessions.rotation import KeyRow, Move
from app.tokens import signing_key
from app.tokens.keyring import Keyring
from app.tokens.signing_key import Algorithm, SigningKey
from app.uow import UnitOfWork

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


async def rotate(uow: UnitOfWork, sealer: Sealer, *, alg: Algorithm = "ES256", at_once: bool = False) -> list[Move]:
    """Do what is due for the keys of `alg`, one process at a time; return what was done.

    Running it again at once does nothing: it is a periodic job as well as an operator's verb.
    """
    keys = SigningKeys(uow)
    await keys.lock()
    moves = rotation.due(await keys.rows(), uow.now, alg=alg, at_once=at_once)
    for move in moves:
        await _do(uow, keys, sealer, move, alg)
    return moves


async def _do(uow: UnitOfWork, keys: SigningKeys, sealer: Sealer, move: Move, alg: Algorithm) -> None:
    match move.step:
        case "publish":
            kid = await _make(keys, sealer, signing_key.generate(alg))
        case "activate":
            await _set_aside_active(keys, alg)
            kid = move.kid or await _make(keys, sealer, signing_key.generate(alg, status="active"))
            if move.kid:
                await keys.move(move.kid, "active")
        case "retire":
            kid = str(move.kid)
            await keys.move(kid, "retired")
    await _announce(uow, kid, f"key.{move.step}")


async def _make(keys: SigningKeys, sealer: Sealer, key: SigningKey) -> str:
    await keys.insert(key, sealer.seal(key.to_private_bytes(), aad=_place(key.kid, key.alg)))
    return key.kid


async def _set_aside_active(keys: SigningKeys, alg: str) -> None:
    for key in await keys.rows():
        if key.alg == alg and key.status == "active":
            await keys.move(key.kid, "retiring")


async def retire_at_once(uow: UnitOfWork, sealer: Sealer, kid: str) -> bool:
    """Emergency: the key is compromised and leaves every keyring and the JWKS within a second.

    Sessions live on: they are not signed by it, so people get new tokens silently. Returns whether there was
    such a key; another one is active when this returns.
    """
    keys = SigningKeys(uow)
    await keys.lock()
    found = next((key for key in await keys.rows() if key.kid == kid), None)
    if found is None or not await keys.move(kid, "compromised"):
        return False
    await _announce(uow, kid, "key.compromised")
    alg: Algorithm = "RS256" if found.alg == "RS256" else "ES256"
    for move in rotation.due(await keys.rows(), uow.now, alg=alg):
        await _do(uow, keys, sealer, move, alg)
    return True


async def reseal(uow: UnitOfWork, sealer: Sealer) -> int:
    """Seal every published key with the newest encryption key; return how many changed. May be repeated."""
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
    await mark_stale(uow, "kid", kid)
    await audit.record(uow, action, targets=[("signing_key", kid)])
    _logger.info("sessions.key.moved", kid=kid, step=action)
