"""Base64url without padding, in its one canonical spelling (RFC 4648 section 5, RFC 7515 appendix C)."""

import base64
import binascii


def encode(data: bytes) -> str:
    """Return `data` as base64url without `=`."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """Return the bytes that `text` spells; raises ValueError for every spelling but the canonical one.

    Python's decoder skips foreign characters, takes padding anywhere after the data and ignores the unused bits of
    the last character, so that one value would have many spellings and a list of refused ones could be walked around.
    """
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as broken:
        raise ValueError("not base64url") from broken
    if encode(data) != text:
        raise ValueError("not canonical base64url")
    return data
