"""Tokens and the current session, with the PEM at every call."""

import hashlib
import os
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from fastapi import Depends, Header, HTTPException, Request
from jose import JWTError, jwk, jwt
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.plain.database import get_db
from bench.plain.models import User, UserSession

ISSUER = os.environ.get("PLAIN_ORIGIN", "http://127.0.0.1:8000")
AUDIENCE = "memberpulse-api"
LIFETIME_S = 300
KEY_ID = "plain-key-1"

_key = generate_private_key(SECP256R1())
PRIVATE_PEM = _key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC_PEM = _key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
PUBLIC_JWK: dict[str, Any] = jwk.construct(PUBLIC_PEM, "ES256").to_dict() | {"kid": KEY_ID, "use": "sig"}

Db = Annotated[AsyncSession, Depends(get_db)]


def hash_secret(secret: str) -> bytes:
    """Return what the database keeps."""
    return hashlib.sha256(secret.encode()).digest()


def create_access_token(session: UserSession, user: User) -> str:
    """Return a signed token."""
    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": ISSUER,
        "sub": str(user.id),
        "aud": [AUDIENCE],
        "client_id": "memberpulse",
        "org_id": str(session.organization_id),
        "sid": str(session.id),
        "jti": str(uuid.uuid4()),
        "iat": now,
        "nbf": now,
        "exp": now + LIFETIME_S,
        "auth_time": int(session.auth_time.timestamp()),
        "amr": ["sso"],
        "roles": [user.mapped_role],
        "ver": user.rights_version,
    }
    return str(jwt.encode(claims, PRIVATE_PEM, algorithm="ES256", headers={"kid": KEY_ID, "typ": "at+jwt"}))


def decode_access_token(token: str) -> dict[str, Any] | None:
    """Return the claims of a good token, else None."""
    try:
        return dict(jwt.decode(token, PUBLIC_PEM, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER))
    except JWTError:
        return None


def is_alive(session: UserSession | None) -> bool:
    """Tell whether the session may still be used."""
    now = datetime.now(UTC)
    return bool(
        session
        and session.ended_at is None
        and session.expires_at > now
        and (now - session.last_seen_at).total_seconds() < session.idle_seconds
        and session.user.state == "active"
        and session.organization.state == "active"
    )


async def get_current_session(db: Db, authorization: Annotated[str, Header()] = "") -> UserSession:
    """Return the session of the bearer token."""
    claims = decode_access_token(authorization.removeprefix("Bearer "))
    session = await db.get(UserSession, uuid.UUID(claims["sid"])) if claims else None
    if session is None or not is_alive(session):
        raise HTTPException(status_code=401, detail="Not authenticated")
    return session


async def get_cookie_session(request: Request, db: Db) -> UserSession:
    """Return the session of the cookie."""
    if request.headers.get("origin") != ISSUER:
        raise HTTPException(status_code=403, detail="Foreign origin")
    secret = request.cookies.get("mp_session", "")
    session = (
        await db.execute(select(UserSession).where(UserSession.secret_hash == hash_secret(secret)))
    ).scalar_one_or_none()
    if session is None or not is_alive(session):
        raise HTTPException(status_code=401, detail="Not authenticated")
    return session
