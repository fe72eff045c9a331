"""Metadata: where the gateway's addresses are (RFC 8414), believed only from the very issuer that was configured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from memberpulse_auth_client.errors import MetadataRefused
from memberpulse_auth_client.wire import ask, document

PATH: Final = "/.well-known/oauth-authorization-server"
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """Addresses of the gateway."""

    keys: str
    introspection: str
    revocations: str


class Discovery:
    """Asks for the metadata once it is needed, and remembers it."""

    def __init__(self, http: httpx.AsyncClient, issuer: str) -> None:
        self._http = http
        self._issuer = issuer
        self._found: Metadata | None = None

    async def get(self) -> Metadata:
        """Return the metadata. Raises GatewayUnavailable, MetadataRefused."""
        if self._found is None:
            self._found = read(document(await ask(self._http, "GET", self._issuer + PATH)), issuer=self._issuer)
        return self._found


def read(said: dict[str, Any], *, issuer: str) -> Metadata:
    """Return what the metadata says.

    Raises:
        MetadataRefused: it is of another issuer (RFC 8414 section 3.3: letter for letter), or sends us elsewhere.
    """
    if said.get("issuer") != issuer:
        raise MetadataRefused(f"the metadata is of {said.get('issuer')!r}, configured is {issuer!r}")

    def address(name: str) -> str:
        url = said.get(name)
        # Our credentials go there: to the issuer and nobody else.
        if not isinstance(url, str) or not url.startswith(f"{issuer}/"):
            raise MetadataRefused(f"{name} is not an address of the issuer")
        return url

    return Metadata(address("jwks_uri"), address("introspection_endpoint"), address("revocations_uri"))


def checked_issuer(issuer: str) -> str:
    """Return the issuer, which is the gateway's public URL; raises ValueError for what cannot be one."""
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOCAL):
        raise ValueError("the issuer is an https URL; http is for localhost")
    if not parts.netloc or parts.query or parts.fragment or parts.username or issuer.endswith("/"):
        raise ValueError("the issuer is the gateway's public URL, without a slash at its end")
    return issuer


Clock = Callable[[], float]
"""Seconds: since 1970 where tokens are judged, since any moment where time is measured."""
