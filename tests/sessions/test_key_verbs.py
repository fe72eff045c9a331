"""Verbs over keys: an encryption key is given up for good, and tokens change their algorithm without a refused one."""

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.bootstrap import WrongEncryptionKeys
from app.kit import base64url
from app.sessions import keys as signing_keys
from app.settings import service as settings
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import KEYS, Stage, a_stage
from tests.sessions.stages import own_stage

OTHER = "k2:" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="


async def at(stage: Stage, keys: str) -> None:
    """Start another process with these encryption keys, and let somebody sign in and get a token."""
    config = stage.config.model_copy(update={"encryption_keys": SecretStr(keys)})
    async with a_stage(config, stage.database, stage.twin, stage.clock) as other:
        assert await (await (await a_tenant(other)).signed_in()).access_token()


async def reseal(stage: Stage, keys: str) -> int:
    config = stage.config.model_copy(update={"encryption_keys": SecretStr(keys)})
    async with a_stage(config, stage.database, stage.twin, stage.clock) as other, other.unit() as uow:
        await settings.reseal_canary(uow, other.assembly.runtime.sealer)
        return await signing_keys.reseal(uow, other.assembly.runtime.sealer)


async def test_an_encryption_key_is_given_up(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        retired = stage.assembly.runtime.keys.current.signing_key().kid
        async with stage.unit() as uow:
            await signing_keys.retire_at_once(uow, stage.assembly.runtime.sealer, retired)
        await at(stage, f"{OTHER},{KEYS}")
        with pytest.raises(WrongEncryptionKeys):
            await at(stage, OTHER)  # not before everything is sealed anew
        assert await reseal(stage, f"{OTHER},{KEYS}") == 3, "the compromised one's row would keep the old key"
        assert await reseal(stage, f"{OTHER},{KEYS}") == 0
        await at(stage, OTHER)
        with pytest.raises(WrongEncryptionKeys):
            await at(stage, KEYS)


async def test_tokens_change_their_algorithm_without_a_refused_one(
    server_url: str, twin: Sandbox, tmp_path: Path
) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        browser = await (await a_tenant(stage)).signed_in()
        old = await browser.access_token()
        assert alg_of(old) == "ES256"
        assert [move.step for move in await rotate(stage)] == ["publish"]
        assert await rotate(stage) == [], "not before verifiers could have read it"
        stage.clock.advance(minutes=4)
        assert (await asked(stage, old)) == 200
        stage.clock.advance(hours=24)
        browser = await (await a_tenant(stage)).signed_in()
        old = await browser.access_token()
        assert [move.step for move in await rotate(stage)] == ["activate", "retire", "publish"]
        new = await browser.access_token()
        assert (alg_of(old), alg_of(new)) == ("ES256", "RS256")
        assert [await asked(stage, token) for token in (old, new)] == [200, 200]
        async with stage.unit() as uow:
            assert await signing_keys.rotate(uow, stage.assembly.runtime.sealer) == [], "the job keeps to RS256"


def alg_of(token: str) -> str:
    return str(json.loads(base64url.decode(token.partition(".")[0]))["alg"])


async def rotate(stage: Stage) -> list[signing_keys.Move]:
    """Do what `keys rotate --alg RS256` does."""
    async with stage.unit() as uow:
        moves = await signing_keys.rotate(uow, stage.assembly.runtime.sealer, alg="RS256", at_once=True)
    await stage.assembly.live.look()
    return moves


async def asked(stage: Stage, token: str) -> int:
    return (await stage.browser().http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})).status_code
