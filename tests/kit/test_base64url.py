"""Base64url: every value has one spelling (the spellings refused are in tests/threats/test_b10_one_spelling.py)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit import base64url


@settings(max_examples=60, database=None, deadline=None)
@given(data=st.binary(max_size=100))
def test_bytes_come_back(data: bytes) -> None:
    text = base64url.encode(data)
    assert base64url.decode(text) == data
    assert not set(text) & set("+/=")


@settings(max_examples=200, database=None, deadline=None)
@given(text=st.text("AQgw-_", max_size=8))
def test_what_is_decoded_is_spelled_back_the_same(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize(
    ("data", "text"), [(b"", ""), (b"f", "Zg"), (b"fo", "Zm8"), (b"foo", "Zm9v"), (b"\xff\xef", "_-8")]
)
def test_vectors_of_rfc_4648(data: bytes, text: str) -> None:
    assert base64url.encode(data) == text
