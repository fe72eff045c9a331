"""Exchange: one request as the hot doors see it, read lazily from the ASGI scope."""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from app.problems import BadRequest, TooLarge, UnsupportedBody

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

FORM = "application/x-www-form-urlencoded"
MAX_BODY = 256 * 1024
LEAVING = "memberpulse.leaving"
"""The ASGI extension by which an answer that waits learns that the process stops; its value returns an event."""
_MAX_FIELDS = 64


class ClientGone(Exception):  # noqa: N818 -- named for what happened
    """The client closed its connection before its request was complete; nobody is left to answer."""


class Exchange:
    """What a door may ask about its request. Nothing is parsed before it is asked for."""

    __slots__ = ("_client_ip", "_trusted", "headers", "receive", "request_id", "scope")

    def __init__(self, scope: Scope, receive: Receive, request_id: str, trusted: tuple[Any, ...]) -> None:
        self.scope = scope
        self.receive = receive
        self.request_id = request_id
        self.headers: list[tuple[bytes, bytes]] = scope["headers"]
        self._trusted = trusted
        self._client_ip: str | None = None

    @property
    def path(self) -> str:
        """The path as routed; never `request.url.path`, which the Host header writes."""
        return str(self.scope["path"])

    def header(self, name: bytes) -> str | None:
        """Return the header's one value, or None.

        Raises:
            BadRequest: it occurs twice, so two parties could read two different requests.
        """
        found: bytes | None = None
        for key, value in self.headers:
            if key == name:
                if found is not None:
                    raise BadRequest(f"The header {name.decode()} occurs more than once.")
                found = value
        return None if found is None else found.decode("latin-1")

    def cookies(self, name: str) -> list[str]:
        """Return every value of the cookie; more than one means that somebody tossed one in (threats.md C9)."""
        values: list[str] = []
        for key, value in self.headers:
            if key == b"cookie":
                for part in value.decode("latin-1").split(";"):
                    label, _, text = part.strip().partition("=")
                    if label == name:
                        values.append(text)
        return values

    def query(self) -> dict[str, str]:
        """Return the query's parameters.

        Raises:
            BadRequest: a parameter occurs twice, is not UTF-8, or there are more than 64.
        """
        return single_fields(self.scope["query_string"])

    @property
    def media_type(self) -> str:
        """The body's media type without parameters, lower-cased (RFC 9110 section 8.3.1); empty when it says none."""
        return (self.header(b"content-type") or "").partition(";")[0].strip().lower()

    @property
    def wants_html(self) -> bool:
        """Whether the client prefers a page to problem+json (RFC 9110 section 12.5.1, as browsers send it)."""
        accept = self.header(b"accept") or ""
        page, plain = accept.find("text/html"), accept.find("json")
        return page >= 0 and (plain < 0 or page < plain)

    @property
    def client_ip(self) -> str | None:
        """The caller's address; `X-Forwarded-For` counts only as far as our own proxies wrote it (threats.md G13)."""
        if self._client_ip is None:
            client = self.scope.get("client")
            self._client_ip = self._behind_proxies(client[0]) if client else None
        return self._client_ip

    def _behind_proxies(self, address: str) -> str:
        if not self._trusted:
            return address
        hops = [
            part.strip()
            for key, value in self.headers
            if key == b"x-forwarded-for"
            for part in value.decode("latin-1").split(",")
        ]
        while hops and self._is_trusted(address):
            hop = _address(hops.pop())
            if hop is None:
                break  # no address: the proxy that wrote it is the last one known
            address = hop
        return address

    def _is_trusted(self, address: str) -> bool:
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        # A socket of both families shows 10.0.0.1 as ::ffff:10.0.0.1, which no IPv4 network holds.
        known = (isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped) or parsed
        return any(known in network for network in self._trusted)

    async def body(self, limit: int = MAX_BODY) -> bytes:
        """Return the request's body, counted while it arrives (threats.md D9).

        Raises:
            TooLarge: it is longer than `limit` bytes, declared or not.
            UnsupportedBody: it is compressed.
            ClientGone: the client left.
        """
        if self.header(b"content-encoding") not in (None, "identity"):
            raise UnsupportedBody
        declared = self.header(b"content-length")
        if declared is not None and declared.isdigit() and int(declared) > limit:
            raise TooLarge
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise TooLarge
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)

    async def stays_until(self, news: "asyncio.Future[None]", *, seconds: float) -> bool:
        """Wait for the news, at most so long; return False when the client leaves or the process stops meanwhile."""
        leaving = self.scope.get("extensions", {}).get(LEAVING)
        ends = [asyncio.ensure_future(self._left())]
        if leaving is not None:
            ends.append(asyncio.ensure_future(leaving().wait()))
        try:
            await asyncio.wait([news, *ends], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            return not any(end.done() for end in ends)
        finally:
            for end in ends:
                end.cancel()

    async def _left(self) -> None:
        while (await self.receive())["type"] != "http.disconnect":
            pass


def _address(hop: str) -> str | None:
    """Return the address of a hop, which some proxies write with a port; None if it is none."""
    bare = hop.rpartition(":")[0].strip("[]") if hop.startswith("[") or hop.count(":") == 1 else hop
    for text in (hop.strip("[]"), bare):
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return None


def single_fields(encoded: bytes) -> dict[str, str]:
    """Return urlencoded fields, each at most once (RFC 6749 section 3.1: no parameter twice).

    Raises:
        BadRequest: a field occurs twice, is not UTF-8, or there are more than 64.
    """
    if not encoded:
        return {}
    try:
        pairs = parse_qsl(encoded.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise BadRequest("The parameters are not urlencoded UTF-8, or there are too many.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadRequest("A parameter occurs more than once.")
    if any("\x00" in value for value in fields.values()):
        raise BadRequest("A parameter holds a NUL character.")  # Postgres text cannot hold it
    return fields


def set_cookie(name: str, value: str, *, secure: bool, max_age: int | None = None) -> tuple[bytes, bytes]:
    """Return a Set-Cookie header: HttpOnly, SameSite=Lax, Path=/, host-only (threats.md 5.7).

    Lax, not Strict: the callback is a top-level navigation from WorkOS's site.
    """
    parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    if max_age is not None:
        parts.append(f"Max-Age={max_age}")
    return b"set-cookie", "; ".join(parts).encode("latin-1")
