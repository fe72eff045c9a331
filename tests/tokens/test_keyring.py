"""Keyring: who signs, who verifies, what is published."""

import json

import pytest

from app.tokens.errors import SigningKeyMissing
from app.tokens.keyring import Keyring, Keys
from app.tokens.signing_key import SigningKey, Status, from_public_jwk, generate
from tests.tokens.forge import ES256, RING, RS256

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}
STATES: list[Status] = ["next", "active", "retiring", "retired", "compromised"]
EACH = {status: generate("ES256", status=status) for status in STATES}


def published(keyring: Keyring) -> list[dict[str, str]]:
    return json.loads(keyring.jwks_document)["keys"]


def test_only_the_active_key_signs() -> None:
    keyring = Keyring(EACH.values())
    assert keyring.signing_key() is EACH["active"]
    assert keyring.signing_key("ES256") is EACH["active"]
    with pytest.raises(SigningKeyMissing):
        keyring.signing_key("RS256")


def test_es256_signs_unless_rs256_is_asked_for() -> None:
    assert RING.signing_key() is ES256
    assert RING.signing_key("RS256") is RS256
    assert Keyring([RS256]).signing_key() is RS256


def test_nothing_signs_without_a_private_active_key() -> None:
    public_only = from_public_jwk(ES256.public_jwk, alg="ES256", status="active")
    for keys in ([], [EACH["next"], EACH["retiring"], EACH["retired"]], [public_only]):
        with pytest.raises(SigningKeyMissing):
            Keyring(keys).signing_key()


@pytest.mark.parametrize(
    ("status", "verifies"),
    [("next", True), ("active", True), ("retiring", True), ("retired", False), ("compromised", False)],
)
def test_published_keys_verify_and_others_do_not(status: Status, *, verifies: bool) -> None:
    keyring, key = Keyring(EACH.values()), EACH[status]
    assert (keyring.verifying(key.kid) is key) == verifies
    assert (key.kid in {one["kid"] for one in published(keyring)}) == verifies


@pytest.mark.parametrize("key", [ES256, RS256], ids=["ES256", "RS256"])
def test_b11_each_published_key_has_exactly_its_public_members(key: SigningKey) -> None:
    (jwk,) = [one for one in published(RING) if one["kid"] == key.kid]
    own = {"crv", "x", "y"} if key.alg == "ES256" else {"n", "e"}
    assert jwk.keys() == {"kty", "kid", "use", "alg"} | own
    assert (jwk["use"], jwk["alg"]) == ("sig", key.alg)
    assert not PRIVATE_MEMBERS & jwk.keys()
    assert json.loads(RING.jwks_document).keys() == {"keys"}


def test_document_is_the_same_in_every_process_and_begins_with_the_active_keys() -> None:
    keys = [*EACH.values(), RS256]
    one, other = Keyring(keys), Keyring(reversed(keys))
    assert one.jwks_document == other.jwks_document
    assert one.etag == other.etag
    assert {jwk["kid"] for jwk in published(one)[:2]} == {EACH["active"].kid, RS256.kid}


def test_etag_is_strong_and_changes_with_the_document() -> None:
    assert RING.etag.startswith('"')
    assert RING.etag.endswith('"')
    assert RING.etag != Keyring([ES256]).etag
    assert json.loads(Keyring([]).jwks_document) == {"keys": []}


def test_doubled_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        Keyring([ES256, ES256.in_status("retiring")])
    with pytest.raises(ValueError, match="twice"):
        Keyring([ES256, generate("ES256", status="active")])


def test_swap_keeps_an_equal_keyring_and_takes_a_changed_one() -> None:
    keys = Keys(RING)
    assert not keys.swap(Keyring([RS256, ES256]))
    assert keys.current is RING
    without = Keyring([ES256.in_status("compromised"), RS256])
    assert keys.swap(without)
    assert keys.current is without
