"""CORS: credentials for exactly our own front ends, nothing reflected (threats.md C6; Fetch standard)."""

from collections.abc import Iterable, Mapping

from app.http.answers import NO_STORE, Answer, Header

_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, if-match, x-request-id"),
    (b"access-control-max-age", b"600"),
)


def headers_by_origin(origins: Iterable[str]) -> Mapping[bytes, tuple[Header, ...]]:
    """Return, for each allowed origin, the headers that an answer to it carries."""
    return {
        name.encode("ascii"): (
            (b"access-control-allow-origin", name.encode("ascii")),
            (b"access-control-allow-credentials", b"true"),
            (b"access-control-expose-headers", b"x-request-id, location, retry-after, etag"),
        )
        for name in origins
    }


def preflight(*, allowed: bool) -> Answer:
    """Answer OPTIONS with an Origin: what an allowed origin may send, nothing for the rest."""
    return Answer(204, headers=(NO_STORE, *_PREFLIGHT) if allowed else (NO_STORE,))
