"""Where a sign-in may return to, pure (threats.md A14; RFC 9700 section 4.11: no open redirector)."""

import re
from collections.abc import Collection
from urllib.parse import unquote, urlsplit

from app.sso.errors import ReturnAddressRefused

# What RFC 3986 allows in a reference, and nothing that browsers repair: no backslash, space or control character.
_REFERENCE = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_LONGEST = 2048


def resolve(value: str | None, *, app: str, landing: str, origins: Collection[str]) -> str:
    """Return the absolute URL to end at: on `app` for a path, or on one of `origins` for a URL.

    Args:
        value: what the caller asked for; nothing means `landing`.
        app: the front end's URL (`APP_URL`), under which paths are.
        landing: where people land who asked for nothing.
        origins: origins that a full URL may have.

    Raises:
        ReturnAddressRefused: it is neither, or somebody might read it differently than we do.
    """
    if not value:
        return landing
    # The longest path must still fit once it is a URL: the link that starts a sign-in again carries it so.
    if len(value) > _LONGEST + (0 if value.startswith("/") else len(app)) or not _REFERENCE.fullmatch(value):
        raise ReturnAddressRefused
    if not _is_unambiguous(value.partition("?")[0].partition("#")[0]):
        raise ReturnAddressRefused
    if value.startswith("/"):
        return f"{app}{value}"
    if _origin(value) not in origins:
        raise ReturnAddressRefused
    return value


def _origin(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:  # an opening bracket that no IPv6 address follows
        return None
    return f"{parts.scheme}://{parts.netloc}".lower()


def _is_unambiguous(path: str) -> bool:
    """Whether the part before the query stays the same kind of address however often it is decoded."""
    seen = path
    for _ in range(4):
        # Browsers and proxies take //host, and /\host after their repairs, for another host.
        if seen.startswith(("//", "/\\")) or any(c < " " or c == "\\" for c in seen):
            return False
        decoded = unquote(seen, errors="replace")
        if decoded == seen:
            return True
        seen = decoded
    return False
