"""What can go wrong: a token is bad (401), or nobody can say now (503).

AuthClientError
├── TokenInvalid             answer 401 `invalid_token`; `reason` is for your log
└── Unavailable              answer 503: the token is not to blame
    ├── KeysUnavailable      there are no keys, or none that are less than a day old
    ├── RevocationsStale     what is void has not been read for too long, and you chose to refuse then
    ├── GatewayUnavailable   the gateway did not answer what was asked
    └── MetadataRefused      what it says of itself is not what was configured
"""

from typing import Literal

Reason = Literal[
    "malformed",  # not three canonical base64url segments, or too long
    "header",  # more or less than alg, kid and typ
    "type",  # typ is not at+jwt
    "key",  # no such key is published
    "algorithm",  # alg is not the key's
    "signature",
    "claims",  # one is missing or of the wrong type
    "issuer",
    "audience",
    "expired",
    "early",  # nbf lies ahead
    "future",  # iat lies ahead
    "lifetime",  # it claims to live longer than any token of the gateway does
    "revoked",
]


class AuthClientError(Exception):
    """Whatever this library raises."""


class TokenInvalid(AuthClientError):  # noqa: N818 -- named for what happened
    """The token is not good. Answer 401 `invalid_token` and keep the reason for your log."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Reason = reason


class Unavailable(AuthClientError):  # noqa: N818 -- as above
    """It cannot be said now whether the token is good. Answer 503."""


class KeysUnavailable(Unavailable):
    """There are no keys to verify with."""


class RevocationsStale(Unavailable):
    """What is void has not been read for too long."""


class GatewayUnavailable(Unavailable):
    """The gateway did not answer, or not as documented."""


class MetadataRefused(Unavailable):
    """The gateway's metadata is another issuer's, or names an address that is not the issuer's own."""
