"""URLs: which ones a configuration may hold, and what of them browsers compare."""

import re
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_LAST_PORT = 65_535
_PLAIN = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?(/[A-Za-z0-9._~/-]*)?")


def plain(url: str) -> str:
    """Return the URL without a slash at its end.

    Raises ValueError unless it is http(s) in ASCII without user, query, fragment, wildcard, or anything else that
    would end a header line or a Content-Security-Policy source.
    """
    found = _PLAIN.fullmatch(url)
    if found is None or int(found[2] or 0) > _LAST_PORT:
        raise ValueError("must be an http or https URL in plain ASCII, without user, query or fragment")
    return url.rstrip("/")


def origin(url: str) -> str:
    """Return scheme://host[:port] as browsers write it: lower-cased, no default port (RFC 6454 section 6.2)."""
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc.removesuffix(f':{_DEFAULT_PORTS.get(parts.scheme)}')}"


def hosts(url: str) -> frozenset[str]:
    """Return the spellings of the URL's host in a `Host` header: clients may name a default port or leave it out."""
    parts = urlsplit(origin(url))
    return frozenset({parts.netloc} if parts.port else {parts.netloc, f"{parts.netloc}:{_DEFAULT_PORTS[parts.scheme]}"})


def is_local_http(url: str) -> bool:
    """Whether the URL is plain http on the reader's own machine, where nobody can listen in (RFC 6761 section 6.3)."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:  # an opening bracket that no IPv6 address follows
        return False
    return parts.scheme == "http" and (host in _LOOPBACK_HOSTS or host.endswith(".localhost"))
