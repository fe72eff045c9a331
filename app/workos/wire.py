"""Wire: carries the SDK's requests over our httpx client and lets only whole, decoded JSON objects back through."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import httpx

from app.workos.bodies import Unreadable, json_object
from app.workos.errors import UpstreamInvalidResponse, UpstreamUnavailable
from app.workos.fields import Object
from app.workos.link import AnswerMalformed
from app.workos.refusals import refusal, request_id

_ERROR_BODY_LIMIT = 64 * 1024
_url = lru_cache(maxsize=32)(httpx.URL)  # parsing costs a fifth of an exchange, and the token address never changes


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: its JSON object, and WorkOS's request id for whoever finds fault with the shape.

    To the SDK it looks like an HTTP response (what it reads of `workos.HTTPResponse` after a success). `json()` hands
    the whole answer back, because the SDK passes on what `json()` returns and would drop the headers.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    value: Mapping[str, object]

    @property
    def request_id(self) -> str | None:
        """Return WorkOS's id of the request."""
        return request_id(self.headers)

    def json(self) -> "Answer":
        """Return the answer itself."""
        return self


class Wire:
    """An HTTP backend for the SDK (`workos.AsyncHTTPBackend`).

    It raises our Problems before the SDK sees an answer it would misread: a redirect (`None`), a body that is not JSON
    (an empty page), an error body that is no object (AttributeError). The SDK lets foreign exceptions pass.
    """

    def __init__(
        self, http: httpx.AsyncClient, *, body_limit: int, read: Callable[[bytes], Object] = json_object
    ) -> None:
        """Take the most bytes of a good answer, and what makes its JSON object (or raises `Unreadable`)."""
        self._http = http
        self._body_limit = body_limit
        self._decode = read

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[str, str],
        content: bytes | None,
        timeout: float,  # noqa: ASYNC109 -- the SDK passes it
    ) -> Answer:
        """Send, and return a checked answer. Raises Upstream problems; httpx's errors are translated here."""
        limits = {"timeout": httpx.Timeout(timeout).as_dict(), "body_limit": self._body_limit}
        headers = {**headers, "Accept": "application/json", "Accept-Encoding": "identity"}
        try:
            request = httpx.Request(method, _url(url), headers=headers, content=content, extensions=limits)
            response = await self._http.send(request, stream=True, follow_redirects=False)
            try:
                body = await self._read(response)
            finally:
                await response.aclose()
        except httpx.TimeoutException:
            raise UpstreamUnavailable("WorkOS took too long to answer.", cause="timeout") from None
        except AnswerMalformed:
            raise UpstreamInvalidResponse("The answer was not readable HTTP, or too large.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # The cause is named, not chained: httpx's messages quote headers, and one of them is the API key.
            problem = UpstreamUnavailable("The connection to WorkOS failed.")
            problem.reason = type(error).__name__
            raise problem from None
        if not response.is_success:
            raise refusal(response.status_code, response.headers, body)
        if not body and not response.num_bytes_downloaded:  # not because it was too large, or compressed
            # A call that needs an answer finds none: the SDK makes `None` of it.
            return Answer(response.status_code, response.headers, body, {})
        value = decode(response.headers, body, self._decode)
        return Answer(response.status_code, response.headers, body, value)

    async def close(self) -> None:
        """Do nothing: `WorkOSClient` closes the client it was given."""

    async def _read(self, response: httpx.Response) -> bytes:
        """Return the body, counted as it arrives: a large one must not fill the memory before it is refused.

        A compressed one (not asked for) is left unread: unpacked, a small body may be as large as it likes.
        """
        if response.headers.get("content-encoding", "identity") != "identity":
            return b""
        limit = self._body_limit if response.is_success else _ERROR_BODY_LIMIT
        chunks: list[bytes] = []
        async for chunk in response.aiter_bytes():
            limit -= len(chunk)
            if limit < 0:
                return b""
            chunks.append(chunk)
        return b"".join(chunks)


def decode(headers: Mapping[str, str], body: bytes, read: Callable[[bytes], Object] = json_object) -> Object:
    """Return the JSON object of a 2xx body, as `read` makes it of the bytes.

    Raises `UpstreamInvalidResponse` for anything else: no body (or one that `Wire` would not read) and what `read`
    finds unreadable.
    """
    trace = request_id(headers)
    if not body:
        raise UpstreamInvalidResponse("The answer is empty, too large or compressed.", upstream_request_id=trace)
    try:
        return read(body)
    except Unreadable as unreadable:
        raise UpstreamInvalidResponse(f"The answer {unreadable.why}.", upstream_request_id=trace) from None
