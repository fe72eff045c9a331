"""The plain project's application: `uvicorn bench.plain.app:app`."""

import logging
from base64 import b64decode
from datetime import UTC, datetime
from hmac import compare_digest
from typing import Annotated
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import Depends, FastAPI, Header, HTTPException, Request
from sqlalchemy import text

from bench.plain import directories, login, webhooks
from bench.plain.middleware import RequestIdMiddleware, SecurityHeadersMiddleware, TimingMiddleware
from bench.plain.models import ServiceClient, UserSession
from bench.plain.schemas import Introspection, Jwks, OrganizationOut, SessionOut, TokenOut, UserOut, WhoAmI
from bench.plain.security import (
    LIFETIME_S,
    PUBLIC_JWK,
    Db,
    create_access_token,
    decode_access_token,
    get_cookie_session,
    get_current_session,
    hash_secret,
    is_alive,
)

logging.basicConfig(level=logging.INFO)
logging.getLogger("httpx").setLevel(logging.WARNING)

app = FastAPI(title="Plain auth service")
app.add_middleware(SecurityHeadersMiddleware)
app.add_middleware(TimingMiddleware)
app.add_middleware(RequestIdMiddleware)
app.include_router(login.router)
app.include_router(webhooks.router)
app.include_router(directories.router)


@app.post("/auth/token", response_model=TokenOut)  # noqa: FAST001 -- as is usual
async def token(db: Db, session: Annotated[UserSession, Depends(get_cookie_session)]) -> TokenOut:
    """Exchange the session cookie for an access token."""
    session.last_seen_at = datetime.now(UTC)
    await db.commit()
    return TokenOut(
        access_token=create_access_token(session, session.user),
        token_type="Bearer",  # noqa: S106 -- the name of a scheme
        expires_in=LIFETIME_S,
        session=describe(session),
    )


def describe(session: UserSession) -> WhoAmI:
    """Return the wire shape of a session."""
    return WhoAmI(
        user=UserOut.model_validate(session.user),
        organization=OrganizationOut.model_validate(session.organization),
        roles=[session.user.mapped_role],
        permissions=[],
        session=SessionOut.model_validate(session),
    )


@app.get("/auth/session", response_model=WhoAmI)  # noqa: FAST001 -- as is usual
async def who_am_i(session: Annotated[UserSession, Depends(get_current_session)]) -> WhoAmI:
    """Return who the caller is."""
    return describe(session)


@app.post("/auth/introspect", response_model=Introspection, response_model_exclude_none=True)  # noqa: FAST001 -- as is usual
async def introspect(request: Request, db: Db, authorization: Annotated[str, Header()] = "") -> Introspection:
    """Tell a backend service about a token (RFC 7662)."""
    # `Form()` needs python-multipart, which is not among our dependencies; this is the quicker way anyhow.
    token = parse_qs((await request.body()).decode()).get("token", [""])[0]
    name, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
    client = await db.get(ServiceClient, name)
    if client is None or not compare_digest(client.secret_hash, hash_secret(secret)):
        raise HTTPException(status_code=401, detail="Unknown client")
    claims = decode_access_token(token)
    session = await db.get(UserSession, UUID(claims["sid"])) if claims else None
    if claims is None or not is_alive(session):
        return Introspection(active=False)
    return Introspection(active=True, token_type="Bearer", **claims)  # noqa: S106 -- the name of a scheme


@app.get("/.well-known/jwks.json", response_model=Jwks)
async def jwks() -> dict[str, object]:
    """Return the public keys."""
    return {"keys": [PUBLIC_JWK]}


@app.get("/readyz")
async def ready(db: Db) -> dict[str, str]:
    """Tell whether the database answers."""
    await db.execute(text("select 1"))
    return {"status": "ok"}
