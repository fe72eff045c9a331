"""B10: a token has one spelling, so that a list of refused ones cannot be walked around."""

import base64

import pytest

from app.kit import base64url
from app.tokens.signing_key import SigningKey
from tests.tokens.forge import ES256, RS256, accepted, claims, forge, refused

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.mark.parametrize("ending", ["=", "==", "===", "=A", "\n", " ", "\r\n"])
@pytest.mark.parametrize("part", [0, 1, 2])
def test_b10_padding_and_white_space_are_refused(ending: str, part: int) -> None:
    parts = forge().split(".")
    accepted(".".join(parts))
    parts[part] += ending
    assert refused(".".join(parts)) == "not three base64url segments"


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
def test_b10_unused_last_bits_are_refused(key: SigningKey) -> None:
    """64 and 256 bytes leave four unused bits in the last character: python-jose reads all sixteen spellings."""
    token = forge(key=key)
    others = [token[:-1] + other for other in ALPHABET if other != token[-1]]
    same_bytes = [other for other in others if _lenient(other) == _lenient(token)]
    assert len(same_bytes) == 15
    for other in others:
        refused(other)
    for other in same_bytes:
        assert refused(other) == "not canonical base64url"


def test_b10_unused_bits_of_the_claims_are_refused() -> None:
    payloads = [claims(pad="x" * size) for size in range(3)]
    for payload in payloads:
        head, said, signature = forge(payload).split(".")
        if len(said) % 4:
            other = ALPHABET[ALPHABET.index(said[-1]) + 1]
            assert refused(f"{head}.{said[:-1]}{other}.{signature}") == "not canonical base64url"


@pytest.mark.parametrize("text", ["QQ==", "QR", "Q", "Q Q", "QQ\n", "+/8", "é", "QUI.", "=", "QQ=", "Q=Q"])
def test_b10_base64url_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64url|ASCII"):
        base64url.decode(text)


def _lenient(token: str) -> bytes:
    return base64.urlsafe_b64decode(token.rpartition(".")[2] + "==")
