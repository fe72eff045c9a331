"""Verified tokens: verified once, timed each time, forgotten with their keyring, and never too many."""

from datetime import timedelta

import pytest

from app.tokens import access_token
from app.tokens.claims import AccessToken
from app.tokens.errors import TokenInvalid
from app.tokens.keyring import Keyring, Keys
from app.tokens.verified import VerifiedTokens
from tests.tokens.forge import AUDIENCE, ES256, ISSUER, NOW, RING, RS256, STRANGER, claims, forge


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens that went through the whole verifier."""
    made: list[str] = []
    real = access_token.verify

    def counted(token: str, **rest: object) -> AccessToken:
        made.append(token)
        return real(token, **rest)  # pyright: ignore[reportArgumentType] -- passed on as given

    monkeypatch.setattr(access_token, "verify", counted)
    return made


def memory(keys: Keys | None = None, capacity: int = 10_000) -> VerifiedTokens:
    return VerifiedTokens(keys or Keys(RING), issuer=ISSUER, audience=AUDIENCE, capacity=capacity)


def numbered(count: int) -> list[str]:
    return [forge(claims(jti=f"token-{number}")) for number in range(count)]


def test_token_is_verified_once(verifications: list[str]) -> None:
    tokens, token = memory(), forge()
    first = tokens.verify(token, NOW)
    again = tokens.verify(token.encode().decode(), NOW + timedelta(seconds=200))
    assert again is first
    assert verifications == [token]


def test_bad_tokens_are_not_remembered(verifications: list[str]) -> None:
    tokens = memory()
    for _ in range(2):
        with pytest.raises(TokenInvalid):
            tokens.verify(forge(signed_by=STRANGER), NOW)
    assert len(verifications) == 2
    assert len(tokens) == 0


def test_change_of_one_character_is_another_token() -> None:
    tokens, token = memory(), forge()
    tokens.verify(token, NOW)
    with pytest.raises(TokenInvalid):
        tokens.verify(token + "=", NOW)


def test_compromised_key_takes_its_tokens_with_it() -> None:
    keys = Keys(RING)
    tokens, of_es256, of_rs256 = memory(keys), forge(key=ES256), forge(key=RS256)
    tokens.verify(of_es256, NOW)
    tokens.verify(of_rs256, NOW)
    keys.swap(Keyring([ES256.in_status("compromised"), RS256]))
    with pytest.raises(TokenInvalid):
        tokens.verify(of_es256, NOW)
    tokens.verify(of_rs256, NOW)


def test_reload_of_equal_keys_forgets_nothing(verifications: list[str]) -> None:
    keys = Keys(RING)
    tokens, token = memory(keys), forge()
    tokens.verify(token, NOW)
    keys.swap(Keyring([ES256, RS256]))
    tokens.verify(token, NOW)
    assert verifications == [token]


def test_never_more_than_its_capacity() -> None:
    tokens = memory(capacity=10)
    for token in numbered(35):
        tokens.verify(token, NOW)
        assert len(tokens) <= 10


def test_tokens_in_use_outlive_the_others(verifications: list[str]) -> None:
    tokens, used, *others = memory(capacity=10), *numbered(31)
    for other in others:
        tokens.verify(used, NOW)
        tokens.verify(other, NOW)
    assert verifications.count(used) == 1


def test_old_generation_is_timed_too() -> None:
    tokens, (first, *others) = memory(capacity=4), numbered(4)
    tokens.verify(first, NOW)
    for other in others[:2]:
        tokens.verify(other, NOW)
    with pytest.raises(TokenInvalid):
        tokens.verify(first, NOW + timedelta(seconds=330))
