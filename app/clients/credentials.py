"""Credentials: what a backend service shows, compared with what this process knows, at most one second old."""

import base64
import binascii
import contextlib
import hashlib
import hmac
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote_plus
from uuid import UUID

import msgspec

from app.access.principal import Service
from app.clients.errors import ClientUnknown, ScopeMissing
from app.clients.repository import ClientLookups
from app.config import Config
from app.db.following import Following
from app.kit.clock import Clock

USES_NOTED_EVERY: Final = timedelta(minutes=1)
_LONGEST: Final = 1024


class _Stored(msgspec.Struct):
    """A secret in force, as the statement tells it."""

    client: str
    scopes: list[str]
    id: UUID
    hash: str
    until: float | None


@dataclass(frozen=True, slots=True)
class _Secret:
    digest: bytes
    id: UUID | None = None
    until: float = float("inf")


@dataclass(frozen=True, slots=True)
class _Client:
    scopes: frozenset[str]
    secrets: tuple[_Secret, ...]


_NOBODY = _Client(frozenset(), (_Secret(b"\x00" * 32),))
_decode = msgspec.json.Decoder(list[_Stored]).decode


class Credentials:
    """The service clients of the environment, parsed once, and those of the database, followed.

    Which of a client's secrets are in use is told to the database now and then, by the same look.
    """

    def __init__(self, config: Config, lookups: ClientLookups, clock: Clock) -> None:
        self._fixed = {name: _Client(scopes, (_Secret(digest),)) for name, (digest, scopes) in config.clients().items()}
        self._lookups = lookups
        self._clock = clock
        self._stored: Mapping[str, _Client] = {}
        self._digest = ""
        self._following = Following("clients", self._look)
        self._uses: dict[UUID, datetime] = {}
        self._noted: dict[UUID, datetime] = {}

    async def authenticate(self, authorization: str | None, *, scope: str) -> Service:
        """Return the service behind an Authorization header (RFC 7617; RFC 6749 section 2.3.1).

        Raises:
            ClientUnknown: no credentials, or wrong ones.
            ScopeMissing: the client lacks the scope.
        """
        name, secret = _parse(authorization)
        client = self._fixed.get(name)
        if client is None:
            await self._following.ensure()
            client = self._stored.get(name, _NOBODY)
        # Compared even for an unknown client: the time must not tell which ids exist.
        self._require(client, hashlib.sha256(secret).digest())
        if scope not in client.scopes:
            raise ScopeMissing
        return Service(client_id=name, scopes=client.scopes)

    def _require(self, client: _Client, digest: bytes) -> None:
        now, found = self._clock.now(), None
        for known in client.secrets:
            if hmac.compare_digest(digest, known.digest) and now.timestamp() < known.until:
                found = known
        if found is None:
            raise ClientUnknown
        if found.id is not None:
            noted = self._noted.get(found.id)
            if noted is None or now - noted > USES_NOTED_EVERY:
                self._uses[found.id] = now

    async def _look(self) -> None:
        """Read which secrets of the database are in force, where they are others than before; tell which are used."""
        digest, shown = await self._lookups.in_force(self._clock.now(), self._digest)
        if shown is not None:
            self._stored = _by_client(_decode(shown))
        self._digest = digest
        await self._note_uses()

    @contextlib.asynccontextmanager
    async def following(self) -> AsyncGenerator[None]:
        """Follow the database until the block ends."""
        async with self._following.following():
            yield
        with contextlib.suppress(Exception):  # the last minute's uses; a database that is away may miss them
            await self._note_uses()

    async def _note_uses(self) -> None:
        uses, self._uses = self._uses, {}
        if uses:
            self._noted.update(uses)
            await self._lookups.note_uses(uses)


def _by_client(stored: list[_Stored]) -> dict[str, _Client]:
    found: dict[str, _Client] = {}
    for one in stored:
        secret = _Secret(bytes.fromhex(one.hash), one.id, float("inf") if one.until is None else one.until)
        others = found[one.client].secrets if one.client in found else ()
        found[one.client] = _Client(frozenset(one.scopes), (*others, secret))
    return found


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
