"""WorkOSProbeClient: the probe over WorkOS's API."""

import asyncio
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import httpx

from app.problems import Problem
from app.workos import fields, shapes
from app.workos.asking import page_of, says, window
from app.workos.client import WorkOSClient
from app.workos.errors import UpstreamInvalidResponse, UpstreamNotFound, UpstreamRefused, UpstreamUnavailable
from app.workos.fields import Object
from app.workos.link import AnswerMalformed
from app.workos.probe import RedirectVerdict
from app.workos.records import Page, WebhookEndpoint

_CODE: Final = "a_code_that_nobody_was_given"
_NOBODYS: Final = "conn_00000000000000000000000000"
_ADDRESS_S: Final = 5.0
_BODY: Final = 256 * 1024
# What WorkOS's own error page, or the address that it lies at, says of an address or a client that it does not know.
_ACCUSED: Final = ("redirect_uri", "redirect uri", "redirect-uri", "client_id", "client id", "client-id")


class WorkOSProbeClient(WorkOSClient):
    """Implements `WorkOSProbe`, on breakers of its own: what is tried must not stop what is in force."""

    async def check_api_key(self) -> None:
        """Ask for one organization (see the port)."""
        await self._api.get("organizations", params={"limit": 1}, read=_some_list)

    async def check_client(self) -> None:
        """Redeem a code that nobody was given (see the port)."""
        await self._login.try_client(_CODE, _takes_the_client)

    async def check_redirect_uri(self, redirect_uri: str, /) -> RedirectVerdict:
        """Start a sign-in over a connection that there is not, and look where WorkOS sends the browser."""
        address = self.authorization_url(
            redirect_uri=redirect_uri, state="probe", code_challenge="A" * 43, connection=_NOBODYS
        )
        status, location, body = await self._look(address)
        if location.split("?", 1)[0] == redirect_uri:
            return "accepted"
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise UpstreamUnavailable(f"WorkOS answered {status}.", cause="status")
        said = f"{location} {body}".lower()
        is_error = status >= HTTPStatus.BAD_REQUEST or (urlsplit(location).hostname or "").startswith("error.")
        return "refused" if is_error and any(word in said for word in _ACCUSED) else "unknown"

    async def _look(self, address: str) -> tuple[int, str, str]:
        """Return status, Location and text of a page of WorkOS's, asked for as a browser does: without credentials."""
        limits = {"timeout": httpx.Timeout(_ADDRESS_S).as_dict(), "body_limit": _BODY}
        request = httpx.Request("GET", address, headers={"Accept": "text/html"}, extensions=limits)
        try:
            async with asyncio.timeout(_ADDRESS_S):
                response = await self._http.send(request, follow_redirects=False)
        except (TimeoutError, httpx.TimeoutException):
            raise UpstreamUnavailable("WorkOS took too long to answer.", cause="timeout") from None
        except AnswerMalformed:
            raise UpstreamInvalidResponse("The answer was not readable HTTP, or too large.") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            raise UpstreamUnavailable("The connection to WorkOS failed.") from None
        return response.status_code, response.headers.get("location", ""), response.text

    async def list_webhook_endpoints(self, *, after: str | None = None) -> Page[WebhookEndpoint]:
        """Return one page of webhook endpoints (see the port)."""
        read = page_of(_endpoint, after=after, owner=lambda _: "", asked="", field="endpoint")
        return await self._api.get("webhook_endpoints", params=window(after), read=read)


def _takes_the_client(problem: Problem) -> bool | None:
    """Return whether this refuses nothing but the code: that is an answer, and none that an operator need look into."""
    if isinstance(problem, UpstreamNotFound):
        return True
    if not isinstance(problem, UpstreamRefused):
        return None
    about_client = says(problem, "invalid_client") or says(problem, "unauthorized_client")
    denied = problem.extra.get("upstream_status") in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
    return None if about_client or denied else True


def _some_list(answer: Object) -> None:
    """Take any list: the key opens the API, which is all that was asked."""
    if answer.get("object") != "list":
        raise shapes.Mismatch("object")


def _endpoint(answer: Object) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=fields.key(answer, "id"),
        url=fields.text(answer, "endpoint_url"),
        enabled=fields.text_or_none(answer, "status") in {None, "enabled"},
        secret=fields.text_or_none(answer, "secret"),
    )
