"""The signature of a webhook: `t=<epoch milliseconds>, v1=<HMAC-SHA256 of "{t}.{body}">`, keyed by the secret as it is.

https://workos.com/docs/events/data-syncing/webhooks
"""

import hashlib
import hmac

HEADER = "WorkOS-Signature"


def signature(body: bytes, secret: str, at: float) -> str:
    """Return the header's value for a body signed at an instant (epoch seconds)."""
    stamp = round(at * 1000)
    digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp}, v1={digest}"
