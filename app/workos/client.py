"""WorkOSClient: the port over WorkOS's API; the only file that imports the SDK.

The SDK builds the requests (addresses, authentication, headers). Its typed methods are not used for answers: they turn
a broken list into an empty page and one odd field into a crash (threats.md section 0). `wire.py` reads the raw answer,
`shapes.py` checks it.
"""

import re
import time
from collections.abc import Callable
from typing import Literal, TypeVar, cast
from urllib.parse import urlencode

import httpx
from workos import AsyncHTTPBackend, AsyncWorkOSClient

from app.workos import shapes
from app.workos.breaker import Breaker, BreakerLimits
from app.workos.bulkhead import Bulkhead
from app.workos.calls import Calls, Limits
from app.workos.errors import CodeRejected, UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused
from app.workos.lanes import Lane
from app.workos.records import Connection, Directory, Organization, Page, Profile
from app.workos.wire import Wire

Owned = TypeVar("Owned", Connection, Directory)
Identified = TypeVar("Identified", Connection, Organization)

_KEY = re.compile(r"[!-~]{1,512}")
_CODE = re.compile(r"[!-~]{1,2048}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_UNPROCESSABLE = 422
_PAGE: dict[str, object] = {"limit": 100, "order": "asc"}  # what is created while we page lands on a page still to come


class WorkOSClient:
    """Implements `WorkOSSource`. Sign-ins and everything else go different ways, so neither stops the other."""

    def __init__(  # noqa: PLR0913 -- credentials, and what a test replaces
        self,
        *,
        api_key: str,
        client_id: str,
        base_url: str,
        http: httpx.AsyncClient,
        limits: Limits | None = None,
        breaker: BreakerLimits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = lambda: 1.0,
    ) -> None:
        """Take over `http` (from `open_http_client`): `aclose` closes it.

        Raises `ValueError` for a key that no header can carry; the key itself is in no message of ours.
        """
        if not _KEY.fullmatch(api_key) or not client_id:
            raise ValueError("the WorkOS API key or client id is empty or holds characters that no header can carry")
        limits = limits or Limits()
        self._credentials = {"client_id": client_id, "client_secret": api_key}
        self._secure = base_url.startswith("https://")
        self._http = http

        def sdk(body_limit: int) -> AsyncWorkOSClient:
            return AsyncWorkOSClient(
                api_key=api_key,
                client_id=client_id,
                base_url=base_url,
                request_timeout=round(limits.answer) or 1,  # else the SDK reads the environment
                max_retries=0,  # its retries sleep up to 60 s each, and would redeem a code twice
                # Not quite the SDK's type: our answers pass through it whole (wire.Answer).
                http_client=cast("AsyncHTTPBackend", Wire(http, body_limit=body_limit)),
            )

        def lane() -> Lane:
            bulkhead = Bulkhead(places=limits.places, wait=limits.place_wait)
            return Lane(Breaker(breaker, jitter=jitter), bulkhead, deadline=limits.deadline, monotonic=monotonic)

        self._sdk = sdk(limits.login_body)
        self._logins = Calls(self._sdk.request, lane(), limits)
        self._api = Calls(sdk(limits.api_body).request, lane(), limits)

    def authorization_url(  # noqa: PLR0913 -- each is a parameter of WorkOS's /sso/authorize
        self,
        *,
        redirect_uri: str,
        state: str,
        code_challenge: str,
        connection: str | None = None,
        organization: str | None = None,
        login_hint: str | None = None,
        domain_hint: str | None = None,
        prompt: Literal["login"] | None = None,
    ) -> str:
        """Return the address that starts a sign-in (see the port)."""
        if (connection is None) == (organization is None):
            raise ValueError("exactly one of connection and organization")
        url = self._sdk.sso.get_authorization_url(
            redirect_uri=redirect_uri,
            state=state,
            connection=connection,
            organization=organization,
            login_hint=login_hint,
            domain_hint=domain_hint,
            prompt=prompt,
        )
        # The SDK's own PKCE helper makes up a state of its own, so the challenge is added here.
        return f"{url}&{urlencode({'code_challenge': code_challenge, 'code_challenge_method': 'S256'})}"

    async def exchange_code(self, *, code: str, code_verifier: str | None) -> Profile:
        """Redeem a code (see the port). One try: a second one would meet `invalid_grant` (threats.md A20)."""
        if not _CODE.fullmatch(code):
            raise CodeRejected  # nothing that WorkOS could have issued
        grant = {"grant_type": "authorization_code", "code": code}
        if code_verifier is not None:  # a sign-in that the identity provider began carries no challenge
            grant["code_verifier"] = code_verifier
        try:
            return await self._logins.post("sso", "token", body=self._credentials | grant, read=shapes.profile)
        except UpstreamRefused as refused:
            # The code and its verifier are all that a visitor chooses in this request.
            if refused.extra.get("upstream_status") == _UNPROCESSABLE or _says(refused, "invalid_grant"):
                raise CodeRejected(upstream_request_id=refused.extra.get("upstream_request_id")) from None
            raise

    async def logout_url(self, *, profile_id: str) -> str | None:
        """Return where to sign out of the identity provider (see the port)."""
        try:
            url = await self._api.post(
                "sso", "logout", "authorize", body={"profile_id": profile_id}, read=shapes.logout_url
            )
        except UpstreamNotFound:
            return None
        except UpstreamRefused as refused:
            if _says(refused, "connection_invalid"):
                return None
            raise
        if self._secure and not url.startswith("https://"):
            raise UpstreamInvalidResponse("The answer's logout_url is not https.")
        return url

    async def get_organization(self, organization: str, /) -> Organization:
        """Return an organization (see the port)."""
        _require_id(organization)
        return await self._api.get("organizations", organization, read=_same(organization, shapes.organization))

    async def create_organization(self, *, name: str, external_id: str) -> Organization:
        """Create an organization (see the port)."""
        body = {"name": name, "external_id": external_id}
        return await self._api.post("organizations", body=body, read=shapes.organization)

    async def list_connections(self, *, organization: str, after: str | None = None) -> Page[Connection]:
        """Return one page of connections (see the port)."""
        return await self._list("connections", organization, after, shapes.connection)

    async def get_connection(self, connection: str, /) -> Connection:
        """Return a connection (see the port)."""
        _require_id(connection)
        return await self._api.get("connections", connection, read=_same(connection, shapes.connection))

    async def list_directories(self, *, organization: str, after: str | None = None) -> Page[Directory]:
        """Return one page of directories (see the port)."""
        return await self._list("directories", organization, after, shapes.directory)

    async def aclose(self) -> None:
        """Close the HTTP client that was taken over."""
        await self._http.aclose()

    async def _list(
        self, path: str, organization: str, after: str | None, item: Callable[[shapes.Object], Owned]
    ) -> Page[Owned]:
        def read(answer: shapes.Object) -> Page[Owned]:
            page = shapes.page(answer, item, after=after)
            if any(found.organization_id != organization for found in page.items):
                raise shapes.Mismatch("organization_id")  # a filter that was ignored would mix tenants
            return page

        _require_id(organization)
        params: dict[str, object] = {"organization_id": organization, **_PAGE, **({"after": after} if after else {})}
        return await self._api.get(path, params=params, read=read)


def _require_id(identifier: str) -> None:
    """Refuse what cannot be an id before it becomes part of an address: `..` asks for the parent, "" for everything."""
    if not _ID.fullmatch(identifier):
        raise UpstreamNotFound


def _same(identifier: str, read: Callable[[shapes.Object], Identified]) -> Callable[[shapes.Object], Identified]:
    def check(answer: shapes.Object) -> Identified:
        found = read(answer)
        if found.id != identifier:
            raise shapes.Mismatch("id")  # somebody else's object must not pass for the one asked for
        return found

    return check


def _says(refused: UpstreamRefused, word: str) -> bool:
    words = refused.extra.get("upstream_errors")
    return isinstance(words, tuple) and word in words
