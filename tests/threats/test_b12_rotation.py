"""B12: a verifier that reads the JWKS every 300 s, and never in between, runs through three rotations."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt as pyjwt

from app.sessions import keys as signing_keys
from sandbox.server import Sandbox
from tests.builders import a_tenant
from tests.gateway import BASE, Browser, Stage
from tests.sessions.stages import own_stage

MAX_AGE = timedelta(seconds=300)
LEEWAY = 30
ROUND_HOURS = 20


@dataclass(slots=True)
class Verifier:
    """Another MemberPulse service: PyJWT over a cached JWKS; it does not even read anew at an unknown `kid`."""

    stage: Stage
    read_at: datetime | None = None
    keys: pyjwt.PyJWKSet | None = None
    verified: int = 0

    async def verify(self, token: str) -> str:
        """Return the token's `kid`; raises when PyJWT refuses the token."""
        now = self.stage.clock.now()
        if self.keys is None or self.read_at is None or now - self.read_at >= MAX_AGE:
            answer = await self.stage.browser().http.get("/.well-known/jwks.json")
            self.keys, self.read_at = pyjwt.PyJWKSet.from_json(answer.text), now
        kid = str(pyjwt.get_unverified_header(token)["kid"])
        known = self.keys[kid]
        options: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "require": ["exp", "sub", "sid"]}
        said = pyjwt.decode(
            token, known, algorithms=[known.algorithm_name], audience="memberpulse-api", issuer=BASE, options=options
        )
        assert said["nbf"] - LEEWAY < now.timestamp() < said["exp"] + LEEWAY
        self.verified += 1
        return kid


async def rotate(stage: Stage) -> int:
    """Do what the worker does every few minutes, and let this process notice; return how many steps were due."""
    async with stage.unit() as uow:
        moves = await signing_keys.rotate(uow, stage.assembly.runtime.sealer)
    await stage.assembly.live.look()
    return len(moves)


async def test_b12_three_rotations_without_a_false_refusal(server_url: str, twin: Sandbox, tmp_path: Path) -> None:
    async with own_stage(server_url, twin, tmp_path) as stage:
        tenant = await a_tenant(stage, mia="MemberPulse Members")
        await tenant.policy(session_idle_seconds=86_400, session_absolute_seconds=604_800)
        verifier, kids = Verifier(stage), list[str]()
        browser: Browser | None = None
        for number in range(3 * 31 * 24 // ROUND_HOURS + 2):
            if number % 6 == 0:
                browser = await tenant.signed_in("mia")
            assert browser is not None
            kids += await a_round(stage, browser, verifier)
            stage.clock.advance(hours=ROUND_HOURS)
        used = list(dict.fromkeys(kids))
        assert len(used) == 4, "the first key and three more"
        assert kids == sorted(kids, key=used.index), "no key comes back"
        assert verifier.verified > 500


async def a_round(stage: Stage, browser: Browser, verifier: Verifier) -> list[str]:
    """Run the job right after the verifier read the keys; where something moved, verify every ten seconds from then on.

    The token minted just before is verified until it expires, by when the verifier has read the keys anew.
    """
    old = await browser.access_token()
    kids = [await verifier.verify(old)]
    moved = await rotate(stage)
    kids.append(await verifier.verify(await browser.access_token()))
    for _ in range(32 if moved else 0):
        stage.clock.advance(seconds=10)
        await rotate(stage)
        await verifier.verify(old)
        kids.append(await verifier.verify(await browser.access_token()))
    return kids
