"""Asking the gateway: bounded in time and size, no redirects, and every failure is GatewayUnavailable."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, cast
from urllib.parse import quote_plus

import httpx

from memberpulse_auth_client.errors import GatewayUnavailable

TIMEOUT: Final = 3.0
"""Seconds that an answer may take, beyond what it was asked to wait."""
LARGEST: Final = 1024 * 1024
"""Bytes of an answer at most."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What your operator gave you: HTTP Basic, encoded as RFC 6749 section 2.3.1 has it."""

    client_id: str
    secret: str

    def header(self) -> str:
        """Return the Authorization header."""
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.secret)}"
        return "Basic " + base64.b64encode(pair.encode()).decode("ascii")

    def __repr__(self) -> str:
        return f"Credentials({self.client_id!r}, ...)"


async def ask(  # noqa: PLR0913 -- what HTTP knows
    http: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int] | None = None,
    data: Mapping[str, str] | None = None,
    seconds: float = TIMEOUT,
) -> httpx.Response:
    """Return the whole answer, whatever its status. Raises GatewayUnavailable where there is none in time."""
    request = http.build_request(method, url, headers=headers, params=params, data=data, timeout=seconds)
    try:
        async with asyncio.timeout(seconds):  # httpx's own bounds the pause between two bytes: a trickle outlasts it
            answer = await http.send(request, stream=True, follow_redirects=False)
            try:
                body = await _body(answer)
            finally:
                await answer.aclose()
    except (httpx.HTTPError, TimeoutError) as failed:
        raise GatewayUnavailable(f"{url}: {type(failed).__name__}") from failed
    return httpx.Response(answer.status_code, headers=_plain(answer.headers), content=body, request=request)


async def _body(answer: httpx.Response) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in answer.aiter_bytes():
        size += len(part)
        if size > LARGEST:
            raise GatewayUnavailable(f"{answer.request.url}: more than {LARGEST} bytes")
        parts.append(part)
    return b"".join(parts)


def document(answer: httpx.Response) -> dict[str, Any]:
    """Return the object of a 200. Raises GatewayUnavailable for everything else, a web page among it."""
    if answer.status_code != HTTPStatus.OK:
        raise GatewayUnavailable(f"{answer.request.url}: status {answer.status_code}")
    try:
        found = json.loads(answer.content)
    except (ValueError, RecursionError) as broken:
        raise GatewayUnavailable(f"{answer.request.url}: no JSON") from broken
    if not isinstance(found, dict):
        raise GatewayUnavailable(f"{answer.request.url}: no object")
    return cast("dict[str, Any]", found)


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Return the headers without those of the transfer, which is over."""
    over = {"content-encoding", "content-length", "transfer-encoding"}
    return {name: value for name, value in headers.items() if name not in over}
