"""The key set: few questions, no gap in a rotation, no outage with the gateway's."""

import asyncio
from collections.abc import Callable

import pytest

from memberpulse_auth_client import AuthClient, KeysUnavailable, MetadataRefused, TokenInvalid
from memberpulse_auth_client.metadata import read
from memberpulse_auth_client.testing import Clock, FakeGateway

Make = Callable[..., AuthClient]

JWKS = "/.well-known/jwks.json"


@pytest.fixture
def client(make: Make) -> AuthClient:
    return make(when_stale="accept", credentials=None)


async def test_many_tokens_cost_one_question(client: AuthClient, gateway: FakeGateway, clock: Clock) -> None:
    tokens = [gateway.mint() for _ in range(40)]
    await asyncio.gather(*map(client.verify, tokens))
    clock.seconds += 270
    await client.verify(gateway.mint())
    assert gateway.asked.count(JWKS) == 1


async def test_after_its_max_age_the_key_set_is_asked_for_again(
    client: AuthClient, gateway: FakeGateway, clock: Clock
) -> None:
    await client.verify(gateway.mint())
    clock.seconds += 301
    await asyncio.gather(*(client.verify(gateway.mint()) for _ in range(10)))
    assert gateway.asked.count(JWKS) == 2


async def test_a_new_key_is_taken_at_its_first_token(client: AuthClient, gateway: FakeGateway, clock: Clock) -> None:
    await client.verify(gateway.mint())
    clock.seconds += 31
    gateway.rotate()
    assert (await client.verify(gateway.mint(sub="s"))).sub == "s"


async def test_a_flood_of_made_up_kids_costs_one_question_in_thirty_seconds(
    client: AuthClient, gateway: FakeGateway, clock: Clock
) -> None:
    await client.verify(gateway.mint())
    for _ in range(6):
        for number in range(20):
            head = {"alg": "ES256", "kid": f"made-up-{number:08}", "typ": "at+jwt"}
            with pytest.raises(TokenInvalid) as refused:
                await client.verify(gateway.mint(head=head))
            assert refused.value.reason == "key"
        clock.seconds += 10
    assert gateway.asked.count(JWKS) <= 3


async def test_the_old_keys_serve_a_day_while_the_gateway_is_away(
    client: AuthClient, gateway: FakeGateway, clock: Clock
) -> None:
    await client.verify(gateway.mint())
    gateway.is_away = True
    for _ in range(23):
        clock.seconds += 3600
        await client.verify(gateway.mint())
    clock.seconds += 3601
    with pytest.raises(KeysUnavailable):
        await client.verify(gateway.mint())
    gateway.is_away = False
    clock.seconds += 31
    await client.verify(gateway.mint())


async def test_without_keys_the_token_is_not_blamed(client: AuthClient, gateway: FakeGateway, clock: Clock) -> None:
    gateway.is_away = True
    with pytest.raises(KeysUnavailable):
        await client.verify(gateway.mint())
    gateway.is_away = False
    clock.seconds += 1
    await client.verify(gateway.mint())


@pytest.mark.parametrize("body", [b'{"keys":[]}', b"<html>", b'{"keys":[7]}', b"[]", b'{"keys":[{"alg":"ES256"}]}'])
async def test_what_is_no_key_set_replaces_none(
    client: AuthClient, gateway: FakeGateway, clock: Clock, body: bytes
) -> None:
    await client.verify(gateway.mint())
    gateway.replies[JWKS] = 200, body
    clock.seconds += 301
    await client.verify(gateway.mint())


async def test_a_token_between_services_is_no_access_token(client: AuthClient, gateway: FakeGateway) -> None:
    for head in ({"typ": "JWT"}, {"typ": "logout+jwt"}, {"jku": "https://evil.example"}):
        kid = gateway.signs_with
        with pytest.raises(TokenInvalid):
            await client.verify(gateway.mint(head={"alg": "ES256", "kid": kid, "typ": "at+jwt", **head}))


async def test_metadata_of_another_issuer_is_refused(gateway: FakeGateway) -> None:
    said = gateway.metadata()
    assert read(said, issuer=gateway.issuer).keys == f"{gateway.issuer}{JWKS}"
    for change in (
        {"issuer": gateway.issuer + "/"},
        {"issuer": gateway.issuer.upper()},
        {"issuer": None},
        {"jwks_uri": "https://evil.example/jwks.json"},
        {"introspection_endpoint": f"{gateway.issuer}.evil.example/"},
        {"revocations_uri": None},
    ):
        with pytest.raises(MetadataRefused):
            read({**said, **change}, issuer=gateway.issuer)


@pytest.mark.parametrize(
    "issuer", ["http://auth.example", "https://auth.example/", "auth.example", "https://a@auth.example", "https://"]
)
def test_an_issuer_that_cannot_be_one_is_refused(issuer: str) -> None:
    with pytest.raises(ValueError, match="issuer"):
        AuthClient(issuer, when_stale="accept")
