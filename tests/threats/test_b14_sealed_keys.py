"""B14: who reads the database has no key, and a key row copied over another one opens nothing."""

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.bootstrap import WrongEncryptionKeys
from app.kit import base64url
from app.kit.sealing import SealBroken
from app.sessions import keys as signing_keys
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import Stage
from tests.sessions.stages import beside, dump, own_stage


def spellings(secret: bytes) -> list[str]:
    """Return how bytes may show in a dump."""
    return [secret.hex(), base64.b64encode(secret).decode().rstrip("="), base64url.encode(secret), str(secret)[2:-1]]


async def test_b14_no_private_part_in_a_dump(stage: Stage) -> None:
    text = await dump(stage)
    key = stage.assembly.runtime.keys.current.signing_key()
    assert key.kid in text, "the dump shows the row"
    assert isinstance(key.private, ec.EllipticCurvePrivateKey)
    scalar = key.private.private_numbers().private_value
    assert "PRIVATE KEY" not in text
    assert '"d":' not in text.replace(" ", "")
    for secret in (scalar.to_bytes(32, "big"), key.to_private_bytes()):
        for spelling in spellings(secret):
            assert spelling not in text
    assert str(scalar) not in text


async def swap(stage: Stage) -> None:
    """Copy the sealed part of each of two key rows over the other."""
    await stage.sql(
        "update signing_keys k set private_sealed = o.private_sealed from signing_keys o"
        " where k.kid <> o.kid and k.status in ('active', 'next') and o.status in ('active', 'next')"
    )


async def test_b14_swapped_rows_do_not_open(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        person = await (await a_tenant(stage)).signed_in()
        await swap(stage)
        runtime = stage.assembly.runtime
        with pytest.raises(SealBroken):
            await signing_keys.load(runtime.lane, runtime.sealer)
        with pytest.raises(WrongEncryptionKeys):
            async with beside(stage):
                pass
        # The process that runs already goes on with the keys it has.
        assert (await person.api("GET", "/auth/session")).status_code == 200


@pytest.mark.parametrize(
    "change", ["alg = 'RS256'", "private_sealed = set_byte(private_sealed, 40, get_byte(private_sealed, 40) # 1)"]
)
async def test_b14_changed_row_does_not_open(change: str, server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        await stage.sql(f"update signing_keys set {change} where status = 'next'")  # noqa: S608 -- a constant above
        with pytest.raises(SealBroken):
            await signing_keys.load(stage.assembly.runtime.lane, stage.assembly.runtime.sealer)
