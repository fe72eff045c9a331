"""B13: a compromised key is out of every gateway process within a second; people go on with new tokens."""

import asyncio
import json
from pathlib import Path

import pytest

from app.kit import base64url
from app.sessions import keys as signing_keys
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import Stage, introspect
from tests.sessions.feeds import read
from tests.sessions.stages import beside, own_stage


def kid_of(token: str) -> str:
    return str(json.loads(base64url.decode(token.partition(".")[0]))["kid"])


async def retire(stage: Stage, kid: str) -> bool:
    async with stage.unit() as uow:
        return await signing_keys.retire_at_once(uow, stage.assembly.runtime.sealer, kid)


async def accepts(stage: Stage, token: str) -> bool:
    answer = await stage.browser().http.get("/auth/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


async def jwks(stage: Stage) -> set[str]:
    return {key["kid"] for key in (await stage.browser().http.get("/.well-known/jwks.json")).json()["keys"]}


async def test_b13_every_process_refuses_within_a_second(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage, beside(stage) as other:
        person = await (await a_tenant(stage)).signed_in()
        token = await person.access_token()
        kid = kid_of(token)
        for gateway in (stage, other):
            assert await accepts(gateway, token)
            assert kid in await jwks(gateway)
        assert await retire(stage, kid)
        async with asyncio.timeout(1):
            while await accepts(stage, token) or await accepts(other, token):
                await asyncio.sleep(0.02)
        for gateway in (stage, other):
            (entry,) = await read(gateway, wait=1)
            assert (entry["type"], entry["value"]) == ("kid", kid)
            assert kid not in await jwks(gateway)
            assert len(await jwks(gateway)) == 2, "another active one, and the next one"
            assert await introspect(gateway.browser(), token) == {"active": False}

        # Nobody is signed out: sessions are not signed by it.
        fresh = await person.access_token()
        assert kid_of(fresh) != kid
        assert kid_of(fresh) in await jwks(other)
        assert await accepts(stage, fresh)
        assert await accepts(other, fresh)
        actions = [row["action"] for row in await stage.sql("select action from audit_events order by id")]
        assert "key.compromised" in actions


@pytest.mark.parametrize("status", ["next", "active", "retiring"])
async def test_b13_there_is_always_another_key(status: str, server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    """Whichever key leaks, one is active and one is published for the next rotation."""
    async with own_stage(server_url, twin, tmp_path) as stage:
        stage.clock.advance(days=31)
        async with stage.unit() as uow:
            await signing_keys.rotate(uow, stage.assembly.runtime.sealer)
        (leaked,) = [row["kid"] for row in await stage.sql("select kid from signing_keys where status = $1", status)]
        assert await retire(stage, leaked)
        rows = await stage.sql("select kid, status from signing_keys")
        found = {row["kid"]: row["status"] for row in rows}
        assert found.pop(leaked) == "compromised"
        assert sorted(found.values()).count("active") == 1
        assert sorted(found.values()).count("next") == 1


async def test_b13_unknown_key_is_told(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        before = await jwks(stage)
        assert not await retire(stage, "no-such-key")
        await stage.assembly.live.look()
        assert await jwks(stage) == before


async def test_b13_a_compromised_key_never_comes_back(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        (leaked,) = [row["kid"] for row in await stage.sql("select kid from signing_keys where status = 'active'")]
        await retire(stage, leaked)
        for _ in range(4):
            stage.clock.advance(days=31)
            async with stage.unit() as uow:
                await signing_keys.rotate(uow, stage.assembly.runtime.sealer)
        (row,) = await stage.sql("select status from signing_keys where kid = $1", leaked)
        assert row["status"] == "compromised"
        await stage.assembly.live.look()
        assert leaked not in await jwks(stage)
