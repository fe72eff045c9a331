"""Versions of what is changed: ETag and If-Match (RFC 9110 sections 8.8.3 and 13.1.1)."""

import re
from typing import Annotated

from fastapi import Depends, Header

from app.problems import BadRequest

_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]*"')
_OURS = re.compile(r'"[0-9]{1,9}"')


def etag(version: int) -> tuple[bytes, bytes]:
    """Return the header that names the version of what is answered."""
    return b"etag", f'"{version}"'.encode("ascii")


def _asked_for(
    if_match: Annotated[str | None, Header(max_length=256, description="ETag that it was read with.")] = None,
) -> list[int] | None:
    return versions(if_match)


def versions(if_match: str | None) -> list[int] | None:
    """Return the versions that If-Match names, None for any. A weak tag names none.

    Raises:
        BadRequest: it is no list of tags.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tags = [tag.strip() for tag in if_match.split(",")]
    if not all(_ETAG.fullmatch(tag) for tag in tags):
        raise BadRequest("If-Match takes the ETag that reading the object gave, in its quotes.")
    return [int(tag.strip('"')) for tag in tags if _OURS.fullmatch(tag)]


def is_known(if_none_match: str | None, tag: str) -> bool:
    """Return whether If-None-Match names this tag.

    Compared weakly (RFC 9110 section 13.1.2): a proxy that compresses makes our tag a weak one.
    """
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or tag in (part.strip().removeprefix("W/") for part in if_none_match.split(","))


VersionsDep = Annotated[list[int] | None, Depends(_asked_for)]
"""The versions that a change is wanted for; None for any."""
