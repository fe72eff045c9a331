"""Hot doors of sessions: mint a token, answer who am I, introspect, publish the keys (speed.md)."""

import asyncio
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from app.access.guard import live_session
from app.clients.credentials import Credentials
from app.http.answers import JSON, NO_STORE, Answer, json_answer
from app.http.exchange import FORM, Exchange, single_fields
from app.http.versions import is_known
from app.kit.ids import fingerprint
from app.organizations.repository import OrganizationLookups
from app.problems import BadRequest, UnsupportedBody
from app.queue.batch import Batch
from app.rates import rules
from app.runtime import Runtime
from app.sessions.cookies import require_json_or_nothing, require_own_origin, session_token
from app.sessions.live import LiveSessionCache
from app.sessions.repository import SessionLookups
from app.sessions.state import SessionState
from app.tokens import access_token
from app.tokens.claims import AccessToken, to_seconds
from app.tokens.errors import NotAuthenticated, TokenInvalid

CLIENT_ID = "memberpulse"
TOKEN_SECONDS = 300
_INACTIVE = Answer(200, b'{"active":false}', (JSON, NO_STORE))
_JWKS_CACHE = (b"cache-control", b"public, max-age=300, stale-while-revalidate=300, stale-if-error=86400")
_TOKEN_HEADERS = (JSON, NO_STORE, (b"pragma", b"no-cache"))  # RFC 6749 section 5.1
_encode = msgspec.json.Encoder().encode


class SessionDoors:
    """The hottest routes of one process, over its Runtime and its micro-batches."""

    def __init__(
        self, runtime: Runtime, lookups: SessionLookups, live: LiveSessionCache, credentials: Credentials
    ) -> None:
        self._runtime = runtime
        self.live = live
        self.credentials = credentials
        self._touches = Batch[bytes, SessionState](lambda hashes: lookups.touch(hashes, runtime.clock.now()), lanes=2)

    async def token(self, exchange: Exchange) -> Answer:
        """POST /auth/token: session cookie -> access token; stamps the session as seen, durably, first."""
        require_own_origin(exchange, self._runtime.config)
        require_json_or_nothing(exchange)
        # Read before the session is: what is revoked after that read is void by the token's own `iat` (revocations.py).
        now = self._runtime.clock.now()
        state = await self.session_of_cookie(exchange)
        body = b'{"access_token":"%b","token_type":"Bearer","expires_in":%d,"session":%b}' % (
            self._mint(state, now).encode("ascii"),
            TOKEN_SECONDS,
            state.document,
        )
        return Answer(200, body, _TOKEN_HEADERS)

    async def session_of_cookie(self, exchange: Exchange) -> SessionState:
        """Return the live session of the request's cookie; raises NotAuthenticated."""
        cookie = session_token(exchange, self._runtime.config)
        began = asyncio.get_running_loop().time()
        state = await self._touches.submit(fingerprint(cookie)) if cookie else None
        if state is None:
            raise NotAuthenticated
        self.live.refresh(state, since=began)
        return state

    async def platform_organization(self) -> UUID | None:
        """Return our id of PLATFORM_ORGANIZATION, once it is linked."""
        reference = self._runtime.config.platform_organization
        return await OrganizationLookups(self._runtime.lane).id_of(reference) if reference else None

    def _mint(self, state: SessionState, now: datetime) -> str:
        runtime = self._runtime
        return access_token.mint(
            runtime.keys.current.signing_key(),
            issuer=runtime.config.issuer,
            audience=runtime.config.token_audience,
            client_id=CLIENT_ID,
            sub=state.user_id,
            org_id=state.organization_id,
            sid=state.sid,
            jti=runtime.ids.uuid(),
            now=now,
            ttl=TOKEN_SECONDS,
            auth_time=state.auth_time,
            amr=state.amr,
            roles=state.roles,
            ver=state.ver,
        )

    async def session(self, exchange: Exchange) -> Answer:
        """GET /auth/session: who am I, by Bearer token."""
        state = cast("SessionState", await live_session(self._runtime, exchange.header(b"authorization")))
        return Answer(200, state.document, (JSON, NO_STORE))

    async def introspect(self, exchange: Exchange) -> Answer:
        """POST /auth/introspect (RFC 7662), for service clients; asks the database every time."""
        client = await self.credentials.authenticate(exchange.header(b"authorization"), scope="tokens:introspect")
        await self._runtime.rates.require(rules.INTROSPECTIONS, client.client_id)
        token = await token_field(exchange)
        try:
            claims = self._runtime.verified.verify(token, self._runtime.clock.now())
        except TokenInvalid:
            return _INACTIVE
        if claims.exp <= to_seconds(self._runtime.clock.now()):
            return _INACTIVE  # the leeway is for other machines' clocks; ours needs none (RFC 7662 section 2.2)
        state = await self.live.ask(claims.sid)
        if state is None or state.user_id != claims.sub:
            return _INACTIVE
        return Answer(200, _encode(_introspection(claims, state, self._runtime)), (JSON, NO_STORE))

    async def jwks(self, exchange: Exchange) -> Answer:
        """GET /.well-known/jwks.json (RFC 7517), from memory."""
        keyring = self._runtime.keys.current
        etag = keyring.etag.encode("ascii")
        headers = (_JWKS_CACHE, (b"etag", etag))
        if is_known(exchange.header(b"if-none-match"), keyring.etag):
            return Answer(304, b"", headers)
        return Answer(200, keyring.jwks_document, ((b"content-type", b"application/jwk-set+json"), *headers))

    async def metadata(self, _exchange: Exchange) -> Answer:
        """GET /.well-known/oauth-authorization-server (RFC 8414)."""
        issuer = self._runtime.config.issuer
        document = {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "token_endpoint": f"{issuer}/auth/token",
            "introspection_endpoint": f"{issuer}/auth/introspect",
            "revocation_endpoint": f"{issuer}/auth/revoke",
            "revocations_uri": f"{issuer}/auth/revocations",  # ours: what is void before its time
            "introspection_endpoint_auth_methods_supported": ["client_secret_basic"],
            "revocation_endpoint_auth_methods_supported": ["client_secret_basic"],
            "token_endpoint_auth_methods_supported": ["none"],
            "response_types_supported": ["none"],
            # Said, because silence means authorization_code and implicit (RFC 8414 section 2), which are not here.
            "grant_types_supported": ["urn:memberpulse:grant-type:session-cookie"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": False,
            "access_token_signing_alg_values_supported": ["ES256", "RS256"],
        }
        return json_answer(document, headers=())


async def token_field(exchange: Exchange) -> str:
    """Return the `token` of a form body (RFC 7662 section 2.1).

    Raises:
        UnsupportedBody, BadRequest: the body is no form, or has no token.
    """
    if exchange.media_type != FORM:
        raise UnsupportedBody("Send the token urlencoded, as RFC 7662 section 2.1 has it.")
    token = single_fields(await exchange.body(16 * 1024)).get("token")
    if not token:
        raise BadRequest("The form field `token` is missing.")
    return token


def _introspection(claims: AccessToken, state: SessionState, runtime: Runtime) -> dict[str, object]:
    """Shape an active token's answer: its claims, with the rights that its session has now."""
    return {
        "active": True,
        "token_type": "Bearer",
        "iss": runtime.config.issuer,
        "sub": claims.sub,
        "aud": runtime.config.token_audience,
        "client_id": claims.client_id,
        "org_id": claims.org_id,
        "sid": claims.sid,
        "jti": claims.jti,
        "iat": claims.iat,
        "nbf": claims.nbf,
        "exp": claims.exp,
        "auth_time": claims.auth_time,
        "amr": claims.amr,
        "roles": state.roles,
        "ver": state.ver,
    }
