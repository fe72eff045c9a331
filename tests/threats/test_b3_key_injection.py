"""B3: the header names one of our keys and cannot bring, or point to, a key of its own."""

import socket

import pytest

from app.tokens.keyring import Keyring
from app.tokens.signing_key import Status
from tests.tokens.forge import ES256, STRANGER, accepted, forge, header, refused

ELSEWHERE = "https://keys.attacker.example/jwks.json"


def named(kid: object) -> str:
    """Name a case without the key itself, which is another in every process."""
    swapped = ES256.kid.swapcase()
    return repr(kid).replace(ES256.kid, "ours").replace(STRANGER.kid, "strange").replace(swapped, "swapped")[:24]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every attempt to reach the network."""
    made: list[object] = []

    def refuse(*arguments: object, **_named: object) -> None:
        made.append(arguments)
        raise OSError("no network here")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    return made


@pytest.mark.parametrize(
    "injected",
    [
        {"jwk": dict(STRANGER.public_jwk)},
        {"jku": ELSEWHERE},
        {"x5u": ELSEWHERE},
        {"x5c": ["MIIB"]},
        {"x5t": "abc"},
        {"x5t#S256": "abc"},
    ],
    ids=lambda injected: next(iter(injected)),
)
@pytest.mark.parametrize("kid", [ES256.kid, STRANGER.kid, None], ids=["our kid", "own kid", "no kid"])
def test_b3_key_in_the_header_is_never_used(injected: dict[str, object], kid: str | None, calls: list[object]) -> None:
    refused(forge(head=header(kid=kid, **injected), signed_by=STRANGER))
    refused(forge(head=header(kid=kid, **injected), signed_by=ES256))
    assert calls == []


@pytest.mark.parametrize(
    "kid",
    [
        None,
        "",
        "short",
        "unknown-but-well-formed",
        STRANGER.kid,
        "../x",
        "../../../../dev/null",
        "' or 1=1--",
        "x" * 65,
        "k" * 10_000,
        ES256.kid + "\n",
        ES256.kid + "\0",
        ES256.kid.swapcase(),
        "ключ-ключ",
        {},
        {"kid": ES256.kid},
        [ES256.kid],
        7,
        True,
        1e300,
    ],
    ids=named,
)
def test_b3_kid_is_only_a_look_up_key(kid: object, calls: list[object]) -> None:
    refused(forge(head=header(kid=kid)))
    assert calls == []


@pytest.mark.parametrize("kid", ["../../dev/null", "' or 1=1--", "x" * 65, "short", ES256.kid + "\n", {}], ids=named)
def test_b3_malformed_kid_is_not_even_looked_up(kid: object) -> None:
    assert refused(forge(head=header(kid=kid))) == "kid is missing or malformed"


def test_b3_our_kid_signed_by_another_key_is_refused() -> None:
    accepted(forge())
    assert "ignature" in refused(forge(head=header(ES256), signed_by=STRANGER))


def test_b3_kid_of_an_unpublished_key_is_refused() -> None:
    unpublished: tuple[Status, ...] = ("retired", "compromised")
    for status in unpublished:
        keyring = Keyring([ES256.in_status(status)])
        assert refused(forge(), keyring=keyring) == "kid names no published key"
    published: tuple[Status, ...] = ("active", "next", "retiring")
    for status in published:
        accepted(forge(), keyring=Keyring([ES256.in_status(status)]))
