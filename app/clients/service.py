"""Verbs of service clients: authenticate."""

import base64
import binascii
import hashlib
import hmac
from urllib.parse import unquote_plus

from app.access.principal import Service
from app.clients.errors import ClientUnknown, ScopeMissing
from app.config import Config

_NOBODY = (b"\x00" * 32, frozenset[str]())
_LONGEST = 1024


class Credentials:
    """The service clients of the environment, parsed once."""

    def __init__(self, config: Config) -> None:
        self._clients = config.clients()

    def authenticate(self, authorization: str | None, *, scope: str) -> Service:
        """Return the service behind an Authorization header (RFC 7617; RFC 6749 section 2.3.1).

        Raises:
            ClientUnknown: no credentials, or wrong ones.
            ScopeMissing: the client lacks the scope.
        """
        name, secret = _parse(authorization)
        digest, scopes = self._clients.get(name, _NOBODY)
        # Compared even for an unknown client: the time must not tell which ids exist.
        if not hmac.compare_digest(hashlib.sha256(secret).digest(), digest):
            raise ClientUnknown
        if scope not in scopes:
            raise ScopeMissing
        return Service(client_id=name, scopes=scopes)


def _parse(authorization: str | None) -> tuple[str, bytes]:
    kind, _, encoded = (authorization or "").partition(" ")
    if kind.lower() != "basic" or len(encoded) > _LONGEST:
        raise ClientUnknown
    try:
        name, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise ClientUnknown from None
    if not colon:
        raise ClientUnknown
    return unquote_plus(name), unquote_plus(secret).encode()
