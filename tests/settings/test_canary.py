"""The canary: the first start seals a known word, and every later one must be able to open it."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from app.kit.sealing import SealBroken, Sealer, parse_keys
from app.settings import service as settings
from tests.databases import connected
from tests.gateway import KEYS, Stage

CANARIES = "select id, sealed, created_at from encryption_canaries"
PUT_BACK = """
insert into encryption_canaries (id, sealed, created_at) values ($1, $2, $3)
on conflict (id) do update set sealed = excluded.sealed, created_at = excluded.created_at
"""
MINE = Sealer(parse_keys(KEYS))
OTHER_KEYS = "k2:" + base64.b64encode(bytes(range(100, 132))).decode()


@pytest.fixture
async def fresh(stage: Stage) -> AsyncGenerator[Stage]:
    """The gateway's database without a canary; the gateway's own is put back."""
    (row,) = await stage.sql(CANARIES)
    await stage.sql("delete from encryption_canaries")
    yield stage
    await stage.sql(PUT_BACK, *row)


async def prove(stage: Stage, sealer: Sealer) -> list[dict[str, Any]]:
    """Prove the keys; return the canaries that are kept."""
    runtime = stage.assembly.runtime
    await settings.prove_keys(runtime.lane, sealer, runtime.clock.now())
    return [dict(row) for row in await stage.sql(CANARIES)]


async def test_the_first_start_keeps_one_and_the_others_leave_it(fresh: Stage) -> None:
    first = await prove(fresh, MINE)
    assert len(first) == 1
    MINE.require_canary(first[0]["sealed"])
    for _ in range(3):
        assert await prove(fresh, MINE) == first


async def test_two_first_starts_that_arrive_together_keep_one(fresh: Stage) -> None:
    """The later one waits for the earlier one's row and must then see it."""
    async with connected(fresh.database) as other, other.transaction():
        await other.execute("insert into encryption_canaries values (1, $1, now())", MINE.canary())
        second = asyncio.create_task(prove(fresh, MINE))
        await asyncio.sleep(0.1)
        assert not second.done()
    assert len(await second) == 1


async def test_other_keys_are_refused_and_overwrite_nothing(fresh: Stage) -> None:
    first = await prove(fresh, MINE)
    for keys in (OTHER_KEYS, OTHER_KEYS.replace("k2:", "k1:")):
        with pytest.raises(SealBroken):
            await prove(fresh, Sealer(parse_keys(keys)))
    assert await prove(fresh, MINE) == first


async def test_a_new_key_beside_the_old_one_will_do(fresh: Stage) -> None:
    first = await prove(fresh, MINE)
    assert await prove(fresh, Sealer(parse_keys(f"{OTHER_KEYS},{KEYS}"))) == first


async def test_a_canary_that_was_tampered_with_is_refused(fresh: Stage) -> None:
    (row,) = await prove(fresh, MINE)
    sealed = bytearray(row["sealed"])
    sealed[-1] ^= 1
    await fresh.sql("update encryption_canaries set sealed = $1", bytes(sealed))
    with pytest.raises(SealBroken):
        await prove(fresh, MINE)
