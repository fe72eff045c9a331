"""LoginCalls and LogoutCalls: who signed in, and where to sign out."""

import re
from collections.abc import Callable, Mapping

from app.problems import Problem
from app.workos import shapes
from app.workos.asking import says
from app.workos.calls import Calls
from app.workos.errors import CodeRejected, UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused
from app.workos.records import Profile

_CODE = re.compile(r"[!-~]{1,2048}")
_UNPROCESSABLE = 422


class LoginCalls:
    """The redeeming of codes (see the port), in a lane of its own."""

    def __init__(self, calls: Calls, credentials: Mapping[str, str]) -> None:
        self._calls = calls
        self._credentials = dict(credentials)

    async def exchange(self, code: str, code_verifier: str | None) -> Profile:
        """Redeem a code. One try: a second one would meet `invalid_grant` (threats.md A20)."""
        if not _CODE.fullmatch(code):
            raise CodeRejected  # nothing that WorkOS could have issued
        grant = {"grant_type": "authorization_code", "code": code}
        if code_verifier is not None:  # a sign-in that the identity provider began carries no challenge
            grant["code_verifier"] = code_verifier
        try:
            return await self._calls.post("sso", "token", body=self._credentials | grant, read=shapes.profile)
        except UpstreamRefused as refused:
            # The code and its verifier are all that a visitor chooses in this request.
            if refused.extra.get("upstream_status") == _UNPROCESSABLE or says(refused, "invalid_grant"):
                raise CodeRejected(upstream_request_id=refused.extra.get("upstream_request_id")) from None
            raise

    async def try_client(self, code: str, refused: Callable[[Problem], bool | None]) -> None:
        """Redeem a code that nobody was given; `refused` says of a refusal whether it leaves the client in peace."""
        grant = {"grant_type": "authorization_code", "code": code}
        await self._calls.post("sso", "token", body=self._credentials | grant, read=bool, refused=refused)


class LogoutCalls:
    """The sign-out part of the port (see there)."""

    def __init__(self, calls: Calls, *, secure: bool) -> None:
        """Take whether WorkOS itself is reached over TLS; only without it may an address be plain http."""
        self._calls = calls
        self._secure = secure

    async def url(self, profile_id: str) -> str | None:
        """Return where to sign out of the identity provider."""
        try:
            url = await self._calls.post(
                "sso", "logout", "authorize", body={"profile_id": profile_id}, read=shapes.logout_url
            )
        except UpstreamNotFound:
            return None
        except UpstreamRefused as refused:
            if says(refused, "connection_invalid"):
                return None
            raise
        if self._secure and not url.startswith("https://"):
            raise UpstreamInvalidResponse("The answer's logout_url is not https.")
        return url
