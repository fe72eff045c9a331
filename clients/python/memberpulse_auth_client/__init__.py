"""memberpulse-auth-client: verifies MemberPulse access tokens, offline and knowing what was revoked.

    from memberpulse_auth_client import AuthClient

    client = AuthClient("https://auth.memberpulse.example", when_stale="refuse", credentials=(client_id, secret))
    async with client:
        who = await client.verify(token)

`memberpulse_auth_client.fastapi` has the FastAPI dependency, `.testing` a gateway for your tests.
"""

from memberpulse_auth_client.client import AuthClient, WhenStale
from memberpulse_auth_client.errors import (
    AuthClientError,
    GatewayUnavailable,
    KeysUnavailable,
    MetadataRefused,
    RevocationsStale,
    TokenInvalid,
    Unavailable,
)
from memberpulse_auth_client.tokens import Token

__all__ = [
    "AuthClient",
    "AuthClientError",
    "GatewayUnavailable",
    "KeysUnavailable",
    "MetadataRefused",
    "RevocationsStale",
    "Token",
    "TokenInvalid",
    "Unavailable",
    "WhenStale",
]
