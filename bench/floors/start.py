"""Start: what both login workloads share: a flow's secrets, its row, the 302 to WorkOS."""

import hashlib
import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bench.floors.ground import Ground
from bench.floors.wire import Headers, Scope, Send, answer, field
from bench.world import SEALING_KEY, WORKOS_CLIENT_ID

SSO_PATH = "/auth/sso"
CALLBACK_PATH = "/auth/callback/workos"
LOGIN_COOKIE = b"mp_login"
LIFETIME = timedelta(minutes=10)

# The tenant and its connection are checked by the statement that stores the flow. One flow or many: same statement.
STORE = """
insert into login_flows (state_hash, cookie_hash, kind, organization_id, connection_id, verifier, return_to,
                         created_at, expires_at)
select asked.state, asked.cookie, 'login', o.id, c.id, asked.verifier, '/', $5, $6
  from unnest($1::bytea[], $2::bytea[], $3::bytea[], $4::text[]) as asked(state, cookie, verifier, organization)
  join organizations o on o.workos_id = asked.organization and o.state = 'active'
  join connections c on c.organization_id = o.id and c.state = 'active'
returning state_hash
"""
_SEALER = AESGCM(SEALING_KEY)


def digest(secret: bytes) -> bytes:
    """Return what the database keeps of a secret."""
    return hashlib.sha256(secret).digest()


def secret() -> bytes:
    """Return 256 random bits, 43 characters."""
    return urlsafe_b64encode(os.urandom(32)).rstrip(b"=")


def open_verifier(blob: bytes) -> bytes:
    """Return the PKCE verifier that `Flow.row` sealed."""
    return _SEALER.decrypt(blob[:12], blob[12:], b"login_flows")


@dataclass(frozen=True, slots=True)
class Flow:
    """One started login."""

    organization: str
    state: bytes
    cookie: bytes
    verifier: bytes

    @classmethod
    def of(cls, scope: Scope) -> "Flow":
        """Return a new flow for the organization that the query names."""
        return cls(field(scope["query_string"], b"organization"), secret(), secret(), secret())

    def row(self) -> tuple[bytes, bytes, bytes, str]:
        """Return what `STORE` takes of one flow: hashes, the sealed verifier, the organization."""
        nonce = os.urandom(12)
        sealed = nonce + _SEALER.encrypt(nonce, self.verifier, b"login_flows")
        return digest(self.state), digest(self.cookie), sealed, self.organization

    @property
    def challenge(self) -> bytes:
        """The PKCE challenge (RFC 7636, S256)."""
        return urlsafe_b64encode(digest(self.verifier)).rstrip(b"=")


def instants() -> tuple[datetime, datetime]:
    """Return now and when a flow that starts now expires."""
    now = datetime.now(UTC)
    return now, now + LIFETIME


class Redirect:
    """The 302 to WorkOS, all but the flow's own values ready."""

    def __init__(self, ground: Ground) -> None:
        callback = quote(ground.origin + CALLBACK_PATH, safe="")
        self._url = (
            f"http://127.0.0.1:{ground.twin}/sso/authorize?response_type=code&client_id={WORKOS_CLIENT_ID}"
            f"&redirect_uri={callback}&code_challenge_method=S256&organization="
        ).encode()

    async def send(self, send: Send, flow: Flow) -> None:
        """Answer."""
        url = b"%s%s&state=%s&code_challenge=%s" % (self._url, flow.organization.encode(), flow.state, flow.challenge)
        held = b"%s=%s; Max-Age=600; Path=/; HttpOnly; SameSite=Lax" % (LOGIN_COOKIE, flow.cookie)
        headers: Headers = [
            *((b"location", url), (b"set-cookie", held)),
            *((b"cache-control", b"no-store"), (b"referrer-policy", b"no-referrer")),
        ]
        await answer(send, 302, headers)
