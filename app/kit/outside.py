"""Outside: reads an https page of the public internet whose address a customer wrote, and nothing else (SSRF).

The name is looked up once, every address that it has is judged, and the connection goes to one that was judged: a
name that answers otherwise the second time leads nowhere. TLS still proves the name. Nothing is followed.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import httpx

from app.kit.addresses import is_loopback, is_public

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Host and port -> the addresses that the host has, as text; raises OSError where it has none."""

PORTS: Final = frozenset({443, 8443})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST: Final = 2_048
_TRIED: Final = 3
# Threads of their own: a name server that keeps us waiting would else hold those that look up WorkOS and the database.
_LOOKING_UP: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="outside")
# What RFC 3986 allows, in ASCII and with a host: no user, no fragment, nothing that one program reads as another does.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>/[A-Za-z0-9\-._~:/?\[\]@!$&'()*+,;=%]*)?"
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
# A last label with a letter first: 127.1, 2130706433 and 0x7f.1 are addresses to the system's resolver.
_NAME = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])?")


class OutsideRefused(Exception):  # noqa: N818 -- named for what happened
    """The address is none that may be asked; nothing was sent anywhere. `why` goes on from "The address"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class OutsideFailed(OutsideRefused):
    """The address was asked and gave nothing that can be used."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an address leads: what is connected to, and the name that TLS must prove."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """Return what the system's resolver says; raises OSError."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_LOOKING_UP, look_up)
    return [str(address[0]) for *_, address in found]


class Outside:
    """Reads pages. What leads to this machine is read only from an origin that `local` names, for development."""

    def __init__(
        self,
        *,
        resolve: Resolve = system_addresses,
        local: Collection[str] = (),
        ports: Collection[int] = PORTS,
        seconds: float = 5.0,
        transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        """Take how long all of it may last, in seconds; `resolve` and `transport` are for tests."""
        self._resolve = resolve
        self._local = frozenset(local)
        self._ports = frozenset(ports)
        self._seconds = seconds
        self._transport = transport or _transport

    async def read(self, url: str, *, limit: int) -> bytes:
        """Return the body of the page, of at most `limit` bytes.

        Raises:
            OutsideRefused: the address is not https, or not of the public internet; nobody was asked.
            OutsideFailed: it did not answer in time, with a redirect or an error, or with too much.
        """
        place = self._place(url)
        try:
            async with asyncio.timeout(self._seconds):
                return await self._first(place, await self._addresses(place), limit)
        except TimeoutError:
            raise OutsideFailed("did not answer in time") from None
        except (httpx.HTTPError, OSError) as error:
            raise OutsideFailed(f"could not be reached ({type(error).__name__})") from None

    def is_local(self, url: str) -> bool:
        """Return whether the address is of an origin that is let in for development."""
        try:
            return _parsed(url).origin in self._local
        except OutsideRefused:
            return False

    def _place(self, url: str) -> _Place:
        place = _parsed(url)
        if place.origin in self._local:
            return place
        if place.scheme != "https":
            raise OutsideRefused("must begin with https://")
        if not _NAME.fullmatch(place.host):
            raise OutsideRefused("must name a public host")
        if place.port not in self._ports:
            raise OutsideRefused(f"must use one of the ports {', '.join(map(str, sorted(self._ports)))}")
        return place

    async def _addresses(self, place: _Place) -> Sequence[str]:
        """Return the addresses of the place's host, all of which were judged."""
        try:
            found = await self._resolve(place.host, place.port)
        except (OSError, UnicodeError):
            found = ()
        judge = is_loopback if place.origin in self._local else is_public
        # One that is not there and one that is private are told alike: what names are known inside is nobody's affair.
        if not found or not all(judge(address) for address in found):
            raise OutsideRefused("does not lead to a host of the public internet")
        return found[:_TRIED]

    async def _first(self, place: _Place, addresses: Sequence[str], limit: int) -> bytes:
        """Return what the first of these addresses answers that can be connected to."""
        for address in addresses[:-1]:
            try:
                return await self._read(place, address, limit)
            except httpx.ConnectError:
                continue  # a machine without IPv6, say
        return await self._read(place, addresses[-1], limit)

    async def _read(self, place: _Place, address: str, limit: int) -> bytes:
        host = f"[{address}]" if ":" in address else address
        request = httpx.Request(
            "GET",
            f"{place.scheme}://{host}:{place.port}{place.target}",
            headers={"Host": place.authority, "Accept-Encoding": "identity", "User-Agent": "memberpulse-auth"},
            extensions={"sni_hostname": place.host},
        )
        async with self._transport() as transport:
            response = await transport.handle_async_request(request)
            try:
                return await _body(response, limit)
            finally:
                await response.aclose()


def _parsed(url: str) -> _Place:
    found = _URL.fullmatch(url)
    if found is None or len(url) > _LONGEST:
        raise OutsideRefused("must be an https URL in plain ASCII, without user and fragment")
    scheme, host = found["scheme"], found["host"].lower().rstrip(".")
    return _Place(scheme, host, int(found["port"] or _DEFAULT_PORTS[scheme]), found["target"] or "/")


async def _body(response: httpx.Response, limit: int) -> bytes:
    """Return the body as it came, counted as it arrives: unpacked, a small one may be as large as it likes."""
    if response.is_redirect or 300 <= response.status_code < 400:  # noqa: PLR2004 -- RFC 9110 section 15.4
        raise OutsideFailed("answers with a redirect; give the address that it leads to")
    if response.status_code != 200:  # noqa: PLR2004 -- RFC 9110 section 15.3.1
        raise OutsideFailed(f"answers {response.status_code}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise OutsideFailed("answers compressed, which was not asked for")
    chunks: list[bytes] = []
    async for chunk in response.aiter_raw():
        limit -= len(chunk)
        if limit < 0:
            raise OutsideFailed("answers with more than such a document has")
        chunks.append(chunk)
    return b"".join(chunks)


def _transport() -> httpx.AsyncBaseTransport:
    # No proxy and no certificates of the environment's: they would decide whom we talk to.
    return httpx.AsyncHTTPTransport(verify=httpx.create_ssl_context(trust_env=False), trust_env=False)
