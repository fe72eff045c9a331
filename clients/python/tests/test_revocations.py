"""Revocations: what the feed tells is refused, and not knowing is said and decided upon."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable
from typing import Any

import httpx
import pytest

from memberpulse_auth_client import AuthClient, GatewayUnavailable, RevocationsStale, TokenInvalid
from memberpulse_auth_client.feed import SIGNED_TYPE, opened
from memberpulse_auth_client.testing import Clock, FakeGateway
from memberpulse_auth_client.tokens import kid_of
from memberpulse_auth_client.wire import ask

Make = Callable[..., AuthClient]


async def reason(client: AuthClient, token: str) -> str:
    """Return why a token is refused; nothing where it is good."""
    try:
        await client.verify(token)
    except TokenInvalid as refused:
        return refused.reason
    return ""


@pytest.mark.parametrize("kind", ["sid", "sub", "org", "jti"])
async def test_what_the_feed_names_is_refused(make: Make, gateway: FakeGateway, clock: Clock, kind: str) -> None:
    client = make()
    named: dict[str, Any] = {{"org": "org_id"}.get(kind, kind): "it"}
    token, other = gateway.mint(**named), gateway.mint()
    await client.refresh()
    assert await reason(client, token) == ""
    gateway.revoke(kind, "it")
    assert await reason(client, token) == "", "not read yet"
    await client.refresh()
    assert await reason(client, token) == "revoked"
    assert await reason(client, other) == ""
    clock.seconds += 2
    assert await reason(client, gateway.mint(**named)) == "", "a token of afterwards"


async def test_a_key_in_the_feed_is_never_used_again(make: Make, gateway: FakeGateway, clock: Clock) -> None:
    client = make()
    stolen = gateway.signs_with
    forged = gateway.mint(iat=int(clock()) + 20, nbf=int(clock()), exp=int(clock()) + 300)
    await client.refresh()
    assert await reason(client, forged) == ""
    gateway.rotate()
    gateway.revoke("kid", stolen)
    await client.refresh()
    assert await reason(client, forged) == "key"
    gateway.published.add(stolen)  # a cache that still shows it
    clock.seconds += 301
    await client.refresh()
    assert await reason(client, gateway.mint()) == ""
    assert await reason(client, gateway.mint(kid=stolen)) == "key"


async def test_each_entry_is_read_once_and_nothing_new_is_a_304(make: Make, gateway: FakeGateway) -> None:
    client = make()
    gateway.revoke("sid", "a", "b")
    for _ in range(2):
        await client.refresh()
    gateway.revoke("sid", "c")
    await client.refresh()
    asked = [address for address in gateway.asked if "revocations" in address]
    assert asked == [f"/auth/revocations?after={after}&wait=0" for after in (0, 2, 2)]
    assert len(client.revocations) == 3


async def test_who_comes_too_late_reads_all_that_is_kept_and_forgets_nothing(make: Make, gateway: FakeGateway) -> None:
    client = make()
    old, new = gateway.mint(sid="old"), gateway.mint(sid="new")
    gateway.revoke("sid", "old")
    await client.refresh()
    gateway.revoke("sid", "between")
    gateway.forget()
    gateway.revoke("sid", "new")
    await client.refresh()
    assert [await reason(client, token) for token in (old, new)] == ["revoked", "revoked"]


async def test_entries_are_forgotten_when_no_token_can_be_meant(make: Make, gateway: FakeGateway, clock: Clock) -> None:
    client = make()
    gateway.revoke("sid", "a")
    gateway.revoke("kid", "k" * 43)
    await client.refresh()
    clock.seconds += 900
    client.revocations.forget(clock())
    assert len(client.revocations) == 2
    clock.seconds += 100
    client.revocations.forget(clock())
    assert len(client.revocations) == 1, "the key's, whose thief writes any `iat`"


async def test_staleness_is_said_and_grows(make: Make, gateway: FakeGateway, clock: Clock) -> None:
    client = make()
    assert client.staleness == float("inf")
    await client.refresh()
    assert client.staleness == 1, "the gateway's own second"
    clock.seconds += 10
    assert client.staleness == 11
    gateway.is_away = True
    with pytest.raises(Exception, match="ConnectError"):
        await client.refresh()
    assert client.staleness == 11


@pytest.mark.parametrize(
    ("when_stale", "wanted"), [("refuse", [503, 503]), ("refuse_admins", [503, 200]), ("accept", [200, 200])]
)
async def test_not_knowing_is_decided_upon(
    make: Make, gateway: FakeGateway, clock: Clock, when_stale: str, wanted: list[int]
) -> None:
    client = make(when_stale=when_stale)
    tokens = [gateway.mint(roles=[role]) for role in ("ROLE_CLIENT_ADMIN", "ROLE_MEMBER")]
    await client.refresh()

    async def statuses() -> list[int]:
        found = await asyncio.gather(*map(client.verify, tokens), return_exceptions=True)
        assert all(not isinstance(each, Exception) or isinstance(each, RevocationsStale) for each in found)
        return [503 if isinstance(each, Exception) else 200 for each in found]

    clock.seconds += 59
    assert await statuses() == [200, 200]
    clock.seconds += 1
    assert await statuses() == wanted
    gateway.revoke("sid", "x")
    await client.refresh()
    assert await statuses() == [200, 200]


async def test_whoever_gives_no_credentials_accepts_not_knowing(make: Make) -> None:
    assert make(credentials=None, when_stale="accept").staleness == float("inf")
    for when_stale in ("refuse", "refuse_admins"):
        with pytest.raises(ValueError, match="accept"):
            make(credentials=None, when_stale=when_stale)


async def test_it_follows_by_itself_and_starts_without_the_gateway(
    make: Make, gateway: FakeGateway, clock: Clock
) -> None:
    gateway.is_away = True
    async with make(every=0.02, long_poll=False) as client:
        token = gateway.mint(sid="s")
        gateway.is_away = False
        async with asyncio.timeout(5):
            while client.staleness > 60:
                await asyncio.sleep(0.01)
        gateway.revoke("sid", "s")
        clock.seconds += 1
        async with asyncio.timeout(5):
            while await reason(client, token) != "revoked":
                await asyncio.sleep(0.01)


async def test_what_nobody_foresaw_does_not_end_the_following(
    make: Make, gateway: FakeGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make(every=0.02, long_poll=False, when_stale="accept") as client:
        token = gateway.mint(sid="s")
        seen = client.revocations.note
        monkeypatch.setattr(client.revocations, "note", None)
        gateway.revoke("sid", "s")
        await asyncio.sleep(0.1)
        monkeypatch.setattr(client.revocations, "note", seen)
        async with asyncio.timeout(5):
            while await reason(client, token) != "revoked":
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("every", [0.5, 26])
async def test_a_long_poll_that_the_gateway_would_refuse_or_answer_at_once_is_no_choice(
    make: Make, every: float
) -> None:
    with pytest.raises(ValueError, match="1 to 25 seconds"):
        make(every=every)
    make(every=every, long_poll=False)


async def test_an_answer_that_trickles_in_is_given_up_in_time() -> None:
    async def trickle() -> AsyncGenerator[bytes]:
        for _ in range(30):
            yield b" "
            await asyncio.sleep(0.1)

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(lambda _request: httpx.Response(200, content=trickle()))
    ) as http:
        began = time.monotonic()
        with pytest.raises(GatewayUnavailable, match="TimeoutError"):
            await ask(http, "GET", "https://auth.example/", seconds=0.3)
        assert time.monotonic() - began < 2


async def test_introspection_knows_at_once_and_tells_the_roles_of_now(make: Make, gateway: FakeGateway) -> None:
    client = make()
    token = gateway.mint(sid="s", roles=["ROLE_CLIENT_ADMIN"])
    assert (await client.introspect(token)).roles == ("ROLE_CLIENT_ADMIN",)
    gateway.revoke("sid", "s")
    with pytest.raises(TokenInvalid, match="revoked"):
        await client.introspect(token)
    with pytest.raises(TokenInvalid, match="malformed"):
        await client.introspect("x")


async def test_a_relayed_answer_is_believed_for_a_minute(make: Make, gateway: FakeGateway, clock: Clock) -> None:
    client = make()
    gateway.revoke("sid", "s")
    said = gateway.signed_feed()
    key = await client.keys.get(kid_of(said, typ=SIGNED_TYPE))
    assert opened(said, key, issuer=gateway.issuer, now=clock())["data"][0]["value"] == "s"
    with pytest.raises(RevocationsStale):
        opened(said, key, issuer=gateway.issuer, now=clock() + 61)
    with pytest.raises(TokenInvalid):
        opened(said, key, issuer="https://other.example", now=clock())
    with pytest.raises(TokenInvalid):
        opened(gateway.mint(), key, issuer=gateway.issuer, now=clock())
    with pytest.raises(TokenInvalid):
        await client.verify(said)
