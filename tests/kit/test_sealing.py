"""Sealing: what is sealed opens at its place with its key, and nowhere else."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.sealing import SealBroken, Sealer, parse_keys

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
AAD = "signing_keys|kid|private"
TEXT = 'aZ09 |:,"\\\0\n\x7féß€\u2028\U0001f511'
quick = settings(max_examples=60, database=None, deadline=None)


def encoded(key: bytes) -> str:
    return base64.b64encode(key).decode()


@quick
@given(plaintext=st.binary(max_size=300), aad=st.text(TEXT, max_size=60))
def test_what_is_sealed_opens_again(plaintext: bytes, aad: str) -> None:
    sealer = Sealer({"k1": OLD})
    blob = sealer.seal(plaintext, aad=aad)
    assert sealer.open(blob, aad=aad) == plaintext
    assert len(plaintext) < 4 or plaintext not in blob


@quick
@given(at=st.integers(0, 60), bit=st.integers(0, 7))
def test_any_changed_bit_breaks_the_seal(at: int, bit: int) -> None:
    sealer = Sealer({"k1": OLD, "k0": OLD})
    blob = bytearray(sealer.seal(b"a private key, more or less", aad=AAD))
    blob[at % len(blob)] ^= 1 << bit
    with pytest.raises(SealBroken):
        sealer.open(bytes(blob), aad=AAD)


def test_blob_moved_to_another_place_breaks() -> None:
    sealer = Sealer({"k1": OLD})
    blob = sealer.seal(b"secret", aad="platform_settings|1|api_key")
    for elsewhere in ("platform_settings|2|api_key", "platform_settings|1|api_key ", ""):
        with pytest.raises(SealBroken):
            sealer.open(blob, aad=elsewhere)


def test_key_id_is_part_of_what_is_authenticated() -> None:
    """The same bytes under two ids: renaming the id in the blob must not go unnoticed."""
    sealer = Sealer({"k1": OLD, "k2": OLD})
    blob = sealer.seal(b"secret", aad=AAD)
    with pytest.raises(SealBroken):
        sealer.open(blob.replace(b":k1:", b":k2:", 1), aad=AAD)


def test_same_secret_is_never_sealed_alike() -> None:
    sealer = Sealer({"k1": OLD})
    assert len({sealer.seal(b"secret", aad=AAD) for _ in range(200)}) == 200


@pytest.mark.parametrize(
    "blob", [b"", b"1:", b"1:k1:", b"1:k1:" + bytes(27), b"2:k1:" + bytes(40), b"k1:" + bytes(40), b"1::" + bytes(40)]
)
def test_what_is_no_blob_is_refused(blob: bytes) -> None:
    sealer = Sealer({"k1": OLD})
    with pytest.raises(SealBroken):
        sealer.open(blob, aad=AAD)
    with pytest.raises(SealBroken):
        sealer.needs_reseal(blob)


def test_older_key_opens_and_asks_to_be_resealed() -> None:
    before, during, after = Sealer({"k1": OLD}), Sealer({"k2": NEW, "k1": OLD}), Sealer({"k2": NEW})
    blob = before.seal(b"secret", aad=AAD)
    assert during.open(blob, aad=AAD) == b"secret"
    assert during.needs_reseal(blob)
    assert not blob.startswith(during.mark)
    resealed = during.seal(during.open(blob, aad=AAD), aad=AAD)
    assert not during.needs_reseal(resealed)
    assert resealed.startswith(during.mark)
    assert after.open(resealed, aad=AAD) == b"secret"
    with pytest.raises(SealBroken, match=r"'k1'.*not among"):
        after.open(blob, aad=AAD)


def test_canary_tells_a_wrong_key() -> None:
    canary = Sealer({"k1": OLD}).canary()
    Sealer({"k1": OLD}).require_canary(canary)
    Sealer({"k2": NEW, "k1": OLD}).require_canary(canary)
    for wrong in ({"k1": NEW}, {"k2": OLD}):
        with pytest.raises(SealBroken):
            Sealer(wrong).require_canary(canary)
    with pytest.raises(SealBroken):
        Sealer({"k1": OLD}).require_canary(Sealer({"k1": OLD}).seal(b"other", aad="canary"))


def test_derived_secrets_depend_on_key_and_purpose() -> None:
    derived = Sealer({"k1": OLD}).derive("cursors")
    assert [len(one) for one in derived] == [32]
    assert Sealer({"k0": NEW, "k1": OLD}).derive("cursors") == (*Sealer({"k0": NEW}).derive("cursors"), *derived)
    assert len({*derived, *Sealer({"k1": NEW}).derive("cursors"), *Sealer({"k1": OLD}).derive("cookies"), OLD}) == 4


def test_keys_are_parsed_in_order() -> None:
    keys = parse_keys(f"2026-05:{encoded(NEW)}, k1:{encoded(OLD)}")
    assert list(keys.items()) == [("2026-05", NEW), ("k1", OLD)]
    assert Sealer(keys).newest_id == "2026-05"


def test_either_base64_alphabet_will_do() -> None:
    key = b"\xfb\xff" * 16
    for text in (encoded(key), base64.urlsafe_b64encode(key).decode(), encoded(key).rstrip("=")):
        assert parse_keys(f"k1:{text}") == {"k1": key}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "key 1: expected id:base64"),
        (encoded(OLD), "key 1: expected id:base64"),
        (f"k1:{encoded(OLD)},", "key 2: expected id:base64"),
        (f":{encoded(OLD)}", "key 1: the id must be"),
        (f"k 1:{encoded(OLD)}", "key 1: the id must be"),
        (f"{'k' * 33}:{encoded(OLD)}", "key 1: the id must be"),
        (f"k1:{encoded(OLD)},k1:{encoded(NEW)}", "key 2: the id 'k1' is used twice"),
        ("k1:", "32 bytes are needed, 0 given"),
        (f"k1:{encoded(OLD[:16])}", "32 bytes are needed, 16 given"),
        (f"k1:{encoded(OLD + OLD)}", "32 bytes are needed, 64 given"),
        ("k1:not*base64", "key 1: the part after the colon is not base64"),
        ("k1:schlüssel", "key 1: the part after the colon is not base64"),
        (f"k1:{encoded(OLD)}:extra", "key 1: the part after the colon is not base64"),
    ],
)
def test_wrong_keys_are_told_without_showing_them(text: str, says: str) -> None:
    with pytest.raises(ValueError, match="encryption key") as refusal:
        parse_keys(text)
    assert says in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert encoded(OLD)[:12] not in str(refusal.value)


@pytest.mark.parametrize("keys", [{}, {"k1": b"short"}, {"": OLD}, {"a:b": OLD}])
def test_sealer_refuses_unfit_keys(keys: dict[str, bytes]) -> None:
    with pytest.raises(ValueError, match="key"):
        Sealer(keys)
