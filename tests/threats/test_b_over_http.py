# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownVariableType=false
# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportPrivateUsage=false, reportDeprecated=false
# pyright: reportUnknownParameterType=false, reportMissingTypeArgument=false
# What this file reads is JSON or untyped: its shape is what the assertions prove.
"""B1 to B9 over HTTP: every bad token is refused by a hot door, an API route and introspection, never with a 5xx.

The rows' own files try the verifier alone; here the same tokens are signed by a published key and name a
living session.
"""

import asyncio
import base64
import contextlib
import json
import random  # noqa: TID251 -- seeded, so that a failure comes again
from collections.abc import AsyncGenerator, AsyncIterator

import pytest
from cryptography.hazmat.primitives import serialization

from tests.asgi import ask
from tests.builders import a_tenant
from tests.gateway import SERVICE, Stage, introspect
from tests.threats.test_b9_parser_crash import mutated
from tests.tokens.forge import ES256, RS256, STRANGER, forge, forge_hmac, header, segment
from tests.tokens.planted import Forger, a_forger, planted

DOORS = ("/auth/session", "/api/providers")


@pytest.fixture(scope="module")
async def forger(running_stage: Stage) -> AsyncGenerator[Forger]:
    """Somebody who holds a published key and knows a living session."""
    tenant = await a_tenant(running_stage)
    async with planted(running_stage, ES256, RS256):
        yield await a_forger(running_stage, await tenant.signed_in())


@pytest.fixture(autouse=True)
async def good_tokens_pass(forger: Forger) -> None:
    """Without this a refusal would prove nothing: the same claims, signed the same way, are let in."""
    for key in (ES256, RS256):
        assert await statuses(forger.stage, forger.forge(key=key)) == [200, 200]


async def statuses(stage: Stage, token: str | bytes) -> list[int]:
    """Return what the doors answer to this Bearer token."""
    value = b"Bearer " + (token if isinstance(token, bytes) else token.encode("utf-8", "surrogatepass"))
    return [(await ask(stage.app, "GET", path, [("authorization", value)])).status for path in DOORS]


async def refused(forger: Forger, *tokens: str) -> None:
    """Assert that every door refuses each of these tokens with the challenge of RFC 6750 and nothing about why."""
    browser = forger.stage.browser()
    for token in tokens:
        for path in DOORS:
            answer = await ask(forger.stage.app, "GET", path, [("authorization", f"Bearer {token}")])
            assert answer.status == 401, (path, token[:80], answer.body)
            assert answer.header("www-authenticate") == 'Bearer error="invalid_token"'
            assert answer.json()["detail"] == "You are not signed in."
        if token.isascii() and token.isprintable() and 0 < len(token) < 9_000:
            assert await introspect(browser, token) == {"active": False}


async def test_b1_unsigned_tokens(forger: Forger) -> None:
    said = segment(forger.claims())
    for alg in ("none", "None", "nOnE", "", None):
        head = segment(header(alg=alg))
        signature = forger.forge().rpartition(".")[2]
        await refused(forger, f"{head}.{said}.", f"{head}.{said}", f"{head}.{said}.{signature}", f"{head}.{said}.AA")
    await refused(forger, forger.forge().rpartition(".")[0] + ".")


async def test_b2_public_key_as_secret(forger: Forger) -> None:
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    info, jwks = (
        serialization.PublicFormat.SubjectPublicKeyInfo,
        forger.stage.assembly.runtime.keys.current.jwks_document,
    )
    secrets = [
        ES256.public.public_bytes(pem, info),
        ES256.public.public_bytes(der, info),
        ES256.public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
        json.dumps(dict(ES256.public_jwk)).encode(),
        jwks,
    ]
    for alg in ("HS256", "HS384", "HS512"):
        for secret in secrets:
            await refused(forger, forge_hmac(secret, head=header(alg=alg), alg=alg))
    await refused(forger, forge(forger.claims(), head=header(ES256, alg="RS256"), signed_by=RS256))
    await refused(forger, forge(forger.claims(), head=header(RS256, alg="ES256"), signed_by=ES256))


@contextlib.asynccontextmanager
async def a_listener() -> AsyncIterator[tuple[str, list[object]]]:
    """Yield an address, and everybody who connected to it."""
    calls: list[object] = []

    def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        calls.append(writer.get_extra_info("peername"))
        writer.close()

    server = await asyncio.start_server(note, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/jwks.json", calls


async def test_b3_keys_of_the_senders_own(forger: Forger) -> None:
    async with a_listener() as (address, calls):
        injected = [{"jwk": dict(STRANGER.public_jwk)}, {"jku": address}, {"x5u": address}, {"x5c": ["MIIB"]}]
        for extra in injected:
            for kid in (ES256.kid, STRANGER.kid, None):
                head = header(kid=kid, **extra)
                await refused(forger, forge(forger.claims(), head=head, signed_by=STRANGER))
                await refused(forger, forge(forger.claims(), head=head))
        await asyncio.sleep(0.05)
        assert calls == []


async def test_b3_kid_is_only_a_look_up_key(forger: Forger) -> None:
    for kid in (
        None,
        "unknown-but-well-formed",
        "../x",
        "' or 1=1--",
        "k" * 10_000,
        {"kid": ES256.kid},
        [],
        7,
        "\0" * 9,
    ):
        await refused(forger, forge(forger.claims(), head=header(kid=kid)))
    await refused(forger, forge(forger.claims(), head=header(ES256), signed_by=STRANGER))


async def test_b4_critical_header(forger: Forger) -> None:
    for crit in (["b64"], ["exp"], [], "b64", [ES256.kid]):
        await refused(forger, forge(forger.claims(), head=header(crit=crit, b64=True)))


async def test_b5_tokens_of_another_kind(forger: Forger) -> None:
    for typ in ("JWT", None, "logout+jwt", "at+jwt+jwt", 7):
        await refused(forger, forge(forger.claims(), head=header(typ=typ)))
    await refused(forger, forger.cookie)


async def test_b5_a_sign_ins_state_is_no_token(forger: Forger) -> None:
    tenant = await a_tenant(forger.stage)
    browser = forger.stage.browser()
    location = (await browser.start(organization=tenant.workos_id)).headers["location"]
    state = location.partition("state=")[2].partition("&")[0]
    assert len(state) >= 43
    await refused(forger, state, browser.http.cookies["mp_login"])


async def test_b6_missing_claims(forger: Forger) -> None:
    required = ("exp", "iat", "nbf", "iss", "aud", "sub", "jti", "sid", "client_id", "org_id", "auth_time", "ver")
    for name in required:
        await refused(forger, forger.forge(**{name: None}))


async def test_b6_a_session_of_somebody_else(forger: Forger) -> None:
    other = await a_forger(forger.stage, await (await a_tenant(forger.stage)).signed_in())
    await refused(forger, forger.forge(sid=other.said["sid"]), forger.forge(sub=other.said["sub"]))


async def test_b7_audience_and_issuer(forger: Forger) -> None:
    good = forger.said["iss"]
    for aud in ("other", [], ["other"], {"memberpulse-api": 1}, ["memberpulse-api "], 7):
        await refused(forger, forger.forge(aud=aud))
    for iss in (good + "/", good.upper(), "https://evil.example", "", [good], good.replace("http", "https")):
        await refused(forger, forger.forge(iss=iss))


async def test_b8_time_bounds(forger: Forger) -> None:
    stage = forger.stage
    assert await statuses(stage, forger.forge(**forger.times(iat=-300, nbf=-300, exp=-20))) == [200, 200]
    assert await statuses(stage, forger.forge(**forger.times(nbf=29))) == [200, 200]
    await refused(
        forger,
        forger.forge(**forger.times(iat=-300, nbf=-300, exp=-31)),
        forger.forge(**forger.times(nbf=32)),
        forger.forge(**forger.times(iat=120)),
        forger.forge(**forger.times(exp=901)),
    )


@pytest.mark.parametrize("name", ["exp", "iat", "nbf", "auth_time", "ver"])
async def test_b8_times_that_are_none(forger: Forger, name: str) -> None:
    for value in (1e300, [1], "x", True, -1, 2**63, {}, "1999999999"):
        await refused(forger, forger.forge(**{name: value}))


async def test_b9_five_thousand_mutations(forger: Forger) -> None:
    good = forger.forge()
    assert await statuses(forger.stage, good) == [200, 200]
    chance = random.Random(20260505)
    harmed = sorted({mutated(good, chance) for _ in range(5_000)} - {good})
    found: set[int] = set()
    for number, token in enumerate(harmed):
        value = b"Bearer " + token.encode("utf-8", "surrogatepass")
        path = DOORS[number % 50 == 0]
        found.add((await ask(forger.stage.app, "GET", path, [("authorization", value)])).status)
    assert found == {401}


async def test_b9_nonsense(forger: Forger) -> None:
    deep = [f"{segment(opening * 50_000)}.{segment(forger.claims())}.AAAA" for opening in ("[", '{"a":')]
    await refused(
        forger, *deep, forge("[" * 5_000), "A" * 1_000_000, "." * 100_000, "é.é.é", "\ud800.a.b", "", " ", "\0"
    )
    for value in (b"\xff\xfe\xfd", b"a.b.\x80", b"\r\nX: y", b"\x00.\x00.\x00"):
        assert await statuses(forger.stage, value) == [401, 401]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "bearer",
        "Basic dTpw",
        "Token x",
        "Bearer  {}",
        "{}",
        "Bearer {},Bearer {}",
        "\tBearer {}",
    ],
)
async def test_b9_authorization_that_is_no_bearer_token(forger: Forger, value: str) -> None:
    sent = value.replace("{}", forger.forge())
    for path in DOORS:
        assert (await ask(forger.stage.app, "GET", path, [("authorization", sent)])).status == 401


async def test_b9_two_authorization_headers_are_one_too_many(forger: Forger) -> None:
    """Two parties could read two different requests: a proxy the first, we the second."""
    good, bad = f"Bearer {forger.forge()}", "Bearer x"
    basic = "Basic " + base64.b64encode(":".join(SERVICE).encode()).decode()
    for pair in ((good, bad), (bad, good), (good, good), (good, basic)):
        for path in DOORS:
            answer = await ask(forger.stage.app, "GET", path, [("authorization", value) for value in pair])
            assert answer.status in {400, 401}, path
