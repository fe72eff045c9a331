"""Status of WorkOS's answer -> Problem. Pure; no text of WorkOS's is repeated, only words that look like its codes."""

import re
from collections.abc import Mapping
from typing import cast

import msgspec

from app.problems import Problem
from app.workos.errors import UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable

_WORD = re.compile(r"(?!sk_)[a-z][a-z0-9_]{0,63}")  # an API key in lower case looks like a code, too
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_SECONDS = re.compile(r"[0-9]{1,6}")

_MOST_WORDS = 10
_TOO_MANY = 429
_SLOW_DOWN = 1.0
_AWAY = frozenset({408, 425})


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return WorkOS's request id; `None` when there is none, or none that may be repeated in a log line."""
    value = headers.get("x-request-id", "")
    return value if _REQUEST_ID.fullmatch(value) else None


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> Problem:
    """Return the problem that a status other than 2xx stands for."""
    trace = request_id(headers)
    if status == _TOO_MANY:
        return UpstreamUnavailable(
            "WorkOS's rate limit is reached.",
            cause="rate_limited",
            retry_after=_asked_wait(headers),
            upstream_errors=_words(body),
            upstream_request_id=trace,
        )
    if status >= 500 or status in _AWAY:  # noqa: PLR2004 -- RFC 9110 section 15.6
        return UpstreamUnavailable(
            f"WorkOS answered {status}.", cause="status", upstream_errors=_words(body), upstream_request_id=trace
        )
    if status < 400:  # noqa: PLR2004 -- RFC 9110 section 15.4: a redirect, never followed
        return UpstreamInvalidResponse(
            f"WorkOS answered {status}, which its API does not use.", upstream_request_id=trace
        )
    if status == 404:  # noqa: PLR2004 -- RFC 9110 section 15.5.5
        return UpstreamNotFound(upstream_errors=_words(body), upstream_request_id=trace)
    return UpstreamRefused(
        f"WorkOS answered {status}.", upstream_status=status, upstream_errors=_words(body), upstream_request_id=trace
    )


def _asked_wait(headers: Mapping[str, str]) -> float:
    """Return the seconds of a Retry-After; WorkOS sends seconds, so a date is treated as absent."""
    value = headers.get("retry-after", "").strip()
    return float(value) if _SECONDS.fullmatch(value) else _SLOW_DOWN


def _words(body: bytes) -> tuple[str, ...]:
    """Return WorkOS's error codes from its shapes of error body, those of single fields too (workos.md section 5)."""
    try:
        decoded = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ()
    if not isinstance(decoded, dict):
        return ()  # the bare string "Ratelimited", among others
    found = cast("dict[str, object]", decoded)
    errors = found.get("errors")
    entries = cast("list[object]", errors)[:_MOST_WORDS] if isinstance(errors, list) else []
    of_fields = [cast("dict[str, object]", entry).get("code") for entry in entries if isinstance(entry, dict)]
    values = (found.get("code"), found.get("error"), *of_fields)
    return tuple(value for value in values if isinstance(value, str) and _WORD.fullmatch(value))
