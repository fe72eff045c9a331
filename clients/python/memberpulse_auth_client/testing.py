"""A gateway for your tests: mints tokens, revokes them, rotates keys, and goes away when you say so.

gateway = FakeGateway()
client = AuthClient(gateway.issuer, when_stale="refuse", credentials=("any", "any"), http=gateway.http())
token = gateway.mint(roles=["ROLE_CLIENT_ADMIN"])
"""

import json
import time
import uuid
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
from joserfc import jws
from joserfc.jwk import ECKey

from memberpulse_auth_client.metadata import PATH

LIFE: Final = 300
ALWAYS: Final = 253_402_300_799


class Clock:
    """Seconds since 1970, which your test moves: `clock.seconds += 301`."""

    def __init__(self, seconds: float | None = None) -> None:
        self.seconds = time.time() if seconds is None else seconds

    def __call__(self) -> float:
        """Return what it shows."""
        return self.seconds


class FakeGateway:
    """What the gateway publishes, in memory.

    `asked` are the addresses that were asked for, without the host, in order; `replies` are answers (status, body) in
    place of its own, by path; `published` are the names of the keys in its key set.
    """

    def __init__(
        self, issuer: str = "https://auth.memberpulse.example", *, clock: Callable[[], float] = time.time
    ) -> None:
        self.issuer = issuer
        self.asked: list[str] = []
        self.replies: dict[str, tuple[int, bytes]] = {}
        self.published: set[str] = set()
        self.is_away = False
        self._clock = clock
        self._keys: dict[str, ECKey] = {}
        self._entries: list[dict[str, Any]] = []
        self._forgotten = 0
        self._ended: set[str] = set()
        self.signs_with = self.rotate()

    def http(self) -> httpx.AsyncClient:
        """Return an HTTP client that reaches this gateway and nothing else."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def rotate(self) -> str:
        """Sign with a new key from now on; the old ones stay published. Return its name."""
        key = ECKey.generate_key("P-256")
        kid = key.thumbprint()
        self._keys[kid] = key
        self.published.add(kid)
        self.signs_with = kid
        return kid

    def mint(self, *, kid: str | None = None, head: dict[str, Any] | None = None, **claims: Any) -> str:  # noqa: ANN401 -- any claim
        """Return a token with these claims, the others made up; a claim that is None is left out."""
        name = kid or self.signs_with
        now = int(self._clock())
        said = {
            "iss": self.issuer,
            "sub": str(uuid.uuid4()),
            "aud": ["memberpulse-api"],
            "client_id": "memberpulse",
            "org_id": str(uuid.uuid4()),
            "sid": str(uuid.uuid4()),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + LIFE,
            "auth_time": now,
            "amr": ["sso"],
            "roles": ["ROLE_MEMBER"],
            "ver": 1,
            **claims,
        }
        payload = json.dumps({key: value for key, value in said.items() if value is not None}).encode()
        return jws.serialize_compact(head or {"alg": "ES256", "kid": name, "typ": "at+jwt"}, payload, self._keys[name])

    def revoke(self, kind: str, *values: str) -> None:
        """Void what was issued for these sessions (`sid`), people (`sub`), organizations (`org`) or keys (`kid`)."""
        for value in values:
            not_after = ALWAYS if kind == "kid" else int(self._clock()) + 1
            seq = self._forgotten + len(self._entries) + 1
            self._entries.append({"seq": seq, "type": kind, "value": value, "not_after": not_after})
            if kind == "sid":
                self._ended.add(value)
            if kind == "kid":
                self.published.discard(value)

    def forget(self) -> None:
        """Keep none of the revocations so far, as the gateway does after 390 seconds."""
        self._forgotten += len(self._entries)
        self._entries.clear()

    def signed_feed(self, *, after: int = 0) -> str:
        """Return the feed as `Accept: application/jwt` has it."""
        said = {"iss": self.issuer, "iat": int(self._clock()), "after": after, **self._feed(after)}
        head = {"alg": "ES256", "kid": self.signs_with, "typ": "revocations+jwt"}
        return jws.serialize_compact(head, json.dumps(said).encode(), self._keys[self.signs_with])

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.raw_path.decode())
        if self.is_away:
            raise httpx.ConnectError("away", request=request)
        if request.url.path in self.replies:
            status, body = self.replies[request.url.path]
            return httpx.Response(status, content=body)
        match request.url.path:
            case path if path == PATH:
                return httpx.Response(200, json=self.metadata())
            case "/.well-known/jwks.json":
                return httpx.Response(200, json=self._key_set(), headers={"Cache-Control": "public, max-age=300"})
            case "/auth/revocations":
                return self._revocations(request)
            case "/auth/introspect":
                return httpx.Response(200, json=self._introspection(request))
            case _:
                return httpx.Response(404)

    def metadata(self) -> dict[str, str]:
        """Return what it says of itself."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/.well-known/jwks.json",
            "introspection_endpoint": f"{self.issuer}/auth/introspect",
            "revocations_uri": f"{self.issuer}/auth/revocations",
        }

    def _key_set(self) -> dict[str, Any]:
        public = ((kid, self._keys[kid].as_dict(private=False)) for kid in sorted(self.published))
        return {"keys": [{**jwk, "kid": kid, "alg": "ES256", "use": "sig"} for kid, jwk in public]}

    def _revocations(self, request: httpx.Request) -> httpx.Response:
        if "authorization" not in request.headers:
            return httpx.Response(401)
        after = int(request.url.params.get("after", "0"))
        if 0 < after < self._forgotten or after > self._forgotten + len(self._entries):
            return httpx.Response(410)
        said = self._feed(after)
        etag = f'"{after}-{said["list_metadata"]["after"]}"'
        if request.headers.get("if-none-match") == etag:
            return httpx.Response(304, headers={"ETag": etag})
        return httpx.Response(200, json=said, headers={"ETag": etag})

    def _feed(self, after: int) -> dict[str, Any]:
        begun = max(after, self._forgotten)
        found = self._entries[begun - self._forgotten :]
        last = str(begun + len(found))
        metadata = {"before": None, "after": last}
        return {"object": "list", "data": found, "list_metadata": metadata, "has_more": False}

    def _introspection(self, request: httpx.Request) -> dict[str, Any]:
        token = parse_qs(request.content.decode())["token"][0]
        payload = jws.extract_compact(token.encode()).payload
        claims: dict[str, Any] = json.loads(payload)
        return {"active": False} if claims["sid"] in self._ended else {"active": True, **claims}
