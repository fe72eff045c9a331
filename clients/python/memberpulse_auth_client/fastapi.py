"""FastAPI: who is calling, as a dependency."""

import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Annotated, Final

from fastapi import HTTPException, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from memberpulse_auth_client.client import AuthClient
from memberpulse_auth_client.errors import TokenInvalid, Unavailable
from memberpulse_auth_client.tokens import Token

_BEARER: Final = HTTPBearer(scheme_name="access_token", bearerFormat="JWT", auto_error=False)
_logger = logging.getLogger("memberpulse_auth_client")
Presented = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


class Guard:
    """Makes dependencies over one client.

    They answer 401 where it is not known who calls, 403 where they may not, 503 where it cannot be found out
    (RFC 6750 section 3); what exactly was wrong with a token stands in the log only.
    """

    def __init__(self, client: AuthClient) -> None:
        self._client = client

    def require(
        self, *, roles: Collection[str] = (), introspect: bool = False, max_age: int | None = None
    ) -> Callable[..., Awaitable[Token]]:
        """Return a dependency that yields the caller.

        Args:
            roles: one of these is needed; any signed-in person will do where there are none.
            introspect: ask the gateway, for what must not wait for the feed; the roles are then those of this moment.
            max_age: seconds since the sign-in at most (RFC 9470).
        """
        allowed = frozenset(roles)

        async def required(presented: Presented) -> Token:
            who = await self._who(presented, introspect=introspect)
            if allowed and not allowed.intersection(who.roles):
                raise HTTPException(403, "Not permitted")
            if max_age is not None and self._client.now() - who.auth_time > max_age:
                challenge = f'Bearer error="insufficient_user_authentication", max_age={max_age}'
                raise HTTPException(401, "Sign in again", {"WWW-Authenticate": challenge})
            return who

        return required

    async def _who(self, presented: HTTPAuthorizationCredentials | None, *, introspect: bool) -> Token:
        if presented is None:
            raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})
        ask = self._client.introspect if introspect else self._client.verify
        try:
            return await ask(presented.credentials)
        except TokenInvalid as refused:
            _logger.info("token refused: %s", refused)
            challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
            raise HTTPException(401, "Invalid token", challenge) from refused
        except Unavailable as away:
            _logger.warning("token not judged: %s", away)
            raise HTTPException(503, "Cannot verify tokens now", {"Retry-After": "5"}) from away
