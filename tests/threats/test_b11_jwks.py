"""B11: the JWKS document holds public members only, and says how long to keep it."""

from pathlib import Path

import pytest

from app.sessions import keys as signing_keys
from sandbox.server import Sandbox
from tests.asgi import Raw, ask
from tests.gateway import Stage
from tests.sessions.stages import own_stage

PATH = "/.well-known/jwks.json"
MEMBERS = {"EC": {"kty", "crv", "x", "y", "kid", "use", "alg"}, "RSA": {"kty", "n", "e", "kid", "use", "alg"}}


async def jwks(stage: Stage, if_none_match: str | None = None) -> Raw:
    return await ask(stage.app, "GET", PATH, [("if-none-match", if_none_match)] if if_none_match is not None else [])


async def test_b11_members_are_exactly_the_public_ones(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        async with stage.unit() as uow:
            await signing_keys.rotate(uow, stage.assembly.runtime.sealer, alg="RS256")
        await stage.assembly.live.look()
        answer = await jwks(stage)
        keys = answer.json()["keys"]
        assert answer.header("content-type") == "application/jwk-set+json"
        assert [(key["kty"], key["alg"], key["use"]) for key in keys].count(("EC", "ES256", "sig")) == 2
        assert [(key["kty"], key["alg"], key["use"]) for key in keys].count(("RSA", "RS256", "sig")) == 1
        assert len({key["kid"] for key in keys}) == len(keys) == 3
        for key in keys:
            assert set(key) == MEMBERS[key["kty"]]


async def test_b11_cache_headers_and_not_modified(stage: Stage) -> None:
    answer = await jwks(stage)
    etag = answer.header("etag")
    assert answer.header("cache-control").startswith("public, max-age=300")
    assert etag.startswith('"')
    assert etag.endswith('"')
    for sent in (etag, f'"other", {etag}', "*", f"W/{etag}"):
        again = await jwks(stage, sent)
        assert (again.status, again.body) == (304, b""), sent
        assert again.header("etag") == etag
        assert again.header("cache-control").startswith("public, max-age=300")
    for sent in ('"other"', etag.strip('"'), "", '""'):
        assert (await jwks(stage, sent)).status == 200, sent


@pytest.mark.parametrize("header", ["cookie", "authorization", "x-forwarded-for"])
async def test_b11_answer_depends_on_nobody(stage: Stage, header: str) -> None:
    assert (await ask(stage.app, "GET", PATH, [(header, "anything")])).body == (await jwks(stage)).body
