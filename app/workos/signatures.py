"""Signatures of WorkOS's deliveries: what proves that a body is WorkOS's, and when it was signed.

Not the SDK's: that one fails with foreign exceptions on hostile headers, takes an empty secret, and knows only one
(threats.md section 0, finding 6).
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

_LONGEST_HEADER = 256
_INSTANT = re.compile(r"[0-9]{1,15}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


def signed_at(header: str | None, body: bytes, secrets: Sequence[str]) -> int | None:
    """Return when the body was signed, in milliseconds since 1970; None when it is not WorkOS's.

    The header is `t=<milliseconds>, v1=<hex HMAC-SHA256 of "{t}.{body}">`
    (workos.com/docs/events/data-syncing/webhooks); the blank after the comma is optional, and of several `v1` one has
    to fit, for one of the secrets. Whether the instant is recent is the caller's to judge. Empty secrets sign nothing.
    """
    if header is None or len(header) > _LONGEST_HEADER or not header.isascii():
        return None
    pairs = [part.strip().partition("=") for part in header.split(",")]
    instants = [value for name, _, value in pairs if name == "t"]
    digests = [value.encode("ascii") for name, _, value in pairs if name == "v1" and _DIGEST.fullmatch(value)]
    if len(instants) != 1 or not _INSTANT.fullmatch(instants[0]) or not digests:
        return None
    message = instants[0].encode("ascii") + b"." + body
    for secret in filter(None, secrets):
        expected = (
            hmac.new(secret.encode("utf-8", "surrogateescape"), message, hashlib.sha256).hexdigest().encode("ascii")
        )
        if any(hmac.compare_digest(expected, digest) for digest in digests):
            return int(instants[0])
    return None
