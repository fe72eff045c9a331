"""The login of the plain project."""

import os
import secrets
import uuid
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import httpx
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bench.plain.models import (
    AuditEvent,
    Connection,
    LoginFlow,
    Organization,
    OrganizationDomain,
    OrganizationPolicy,
    User,
    UserIdentity,
    UserSession,
)
from bench.plain.security import ISSUER, Db, hash_secret
from bench.world import WORKOS_API_KEY, WORKOS_CLIENT_ID

WORKOS_URL = os.environ.get("PLAIN_WORKOS_URL", "https://api.workos.com")
REDIRECT_URI = f"{ISSUER}/auth/callback/workos"
ROLES = {"MemberPulse Admins": "ROLE_CLIENT_ADMIN", "MemberPulse Staff": "ROLE_CLIENT_USER"}

router = APIRouter()
client = httpx.AsyncClient(base_url=WORKOS_URL, timeout=10)


@router.get("/auth/sso")
async def start(organization: str, db: Db) -> RedirectResponse:
    """Store a one-time state and redirect to WorkOS."""
    org = (await db.execute(select(Organization).where(Organization.workos_id == organization))).scalar_one_or_none()
    if org is None or org.state != "active":
        raise HTTPException(status_code=404, detail="Unknown organization")
    connection = (
        await db.execute(select(Connection).where(Connection.organization_id == org.id, Connection.state == "active"))
    ).scalar_one()
    state, cookie, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    now = datetime.now(UTC)
    db.add(
        LoginFlow(
            state_hash=hash_secret(state),
            cookie_hash=hash_secret(cookie),
            organization_id=org.id,
            connection_id=connection.id,
            kind="login",
            verifier=verifier.encode(),
            return_to="/",
            created_at=now,
            expires_at=now + timedelta(minutes=10),
        )
    )
    query = {
        "response_type": "code",
        "client_id": WORKOS_CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "organization": organization,
        "state": state,
        "code_challenge": urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    # As below: the yield dependency would commit after the answer, and the callback may be faster.
    await db.commit()
    response = RedirectResponse(f"{WORKOS_URL}/sso/authorize?{urlencode(query)}", status_code=302)
    response.set_cookie("mp_login", cookie, max_age=600, httponly=True, samesite="lax")
    return response


@router.get("/auth/callback/workos")
async def callback(code: str, state: str, request: Request, db: Db) -> RedirectResponse:
    """Consume the state, exchange the code, provision the user and open a session."""
    flow = (
        await db.execute(select(LoginFlow).where(LoginFlow.state_hash == hash_secret(state)).with_for_update())
    ).scalar_one_or_none()
    now = datetime.now(UTC)
    cookie = request.cookies.get("mp_login", "")
    if flow is None or flow.used_at or flow.expires_at < now or flow.cookie_hash != hash_secret(cookie):
        raise HTTPException(status_code=400, detail="Login state mismatch")
    flow.used_at = now
    await db.commit()
    profile = await exchange(code, flow.verifier.decode())
    org = await db.get_one(Organization, flow.organization_id)
    connection = await db.get_one(Connection, flow.connection_id)
    if profile["organization_id"] != org.workos_id or profile["connection_id"] != connection.workos_id:
        raise HTTPException(status_code=403, detail="Connection mismatch")
    user = await provision(db, org, connection, profile, now)
    secret = secrets.token_urlsafe(32)
    policy = await db.get_one(OrganizationPolicy, org.id)
    session = UserSession(
        id=uuid.uuid4(),
        organization_id=org.id,
        user_id=user.id,
        secret_hash=hash_secret(secret),
        connection_id=connection.id,
        profile_id=profile["id"],
        amr=["sso"],
        auth_time=now,
        created_at=now,
        last_seen_at=now,
        idle_seconds=policy.session_idle_seconds,
        expires_at=now + timedelta(seconds=policy.session_absolute_seconds),
    )
    db.add(session)
    await db.flush()
    db.add(
        AuditEvent(
            organization_id=org.id,
            action="sso.login.completed",
            occurred_at=now,
            actor_id=str(user.id),
            details={"session": str(session.id)},
        )
    )
    # The usual yield dependency commits after the answer has begun; here before, because every target must be durable.
    await db.commit()
    response = RedirectResponse(flow.return_to, status_code=303)
    response.set_cookie("mp_session", secret, httponly=True, samesite="lax")
    response.delete_cookie("mp_login")
    return response


async def exchange(code: str, verifier: str) -> dict[str, Any]:
    """Return the profile behind the code."""
    form = {
        "grant_type": "authorization_code",
        "client_id": WORKOS_CLIENT_ID,
        "client_secret": WORKOS_API_KEY,
        "code": code,
        "code_verifier": verifier,
    }
    response = await client.post("/sso/token", data=form)
    response.raise_for_status()
    profile: dict[str, Any] = response.json()["profile"]
    return profile


async def provision(
    db: AsyncSession, org: Organization, connection: Connection, profile: dict[str, Any], now: datetime
) -> User:
    """Find the person by identity, or make them."""
    email = profile["email"]
    domains = await db.execute(
        select(OrganizationDomain).where(
            OrganizationDomain.organization_id == org.id,
            OrganizationDomain.domain == email.partition("@")[2].lower(),
            OrganizationDomain.state == "verified",
        )
    )
    if domains.scalar_one_or_none() is None:
        raise HTTPException(status_code=403, detail="Domain not allowed")
    identity = (
        await db.execute(
            select(UserIdentity).where(
                UserIdentity.organization_id == org.id,
                UserIdentity.connection_id == connection.id,
                UserIdentity.idp_id == profile["idp_id"],
            )
        )
    ).scalar_one_or_none()
    role = next((ROLES[group] for group in profile["groups"] if group in ROLES), "ROLE_MEMBER")
    if identity is None:
        user = User(id=uuid.uuid4(), organization_id=org.id, created_at=now, updated_at=now, mapped_role=role)
        db.add(user)
        await db.flush()
        identity = UserIdentity(
            id=uuid.uuid4(),
            organization_id=org.id,
            user_id=user.id,
            connection_id=connection.id,
            idp_id=profile["idp_id"],
            profile_id=profile["id"],
            created_at=now,
        )
        db.add(identity)
    else:
        user = await db.get_one(User, identity.user_id)
    identity.last_login_at = now
    user.email, user.email_lower = email, email.lower()
    user.first_name, user.last_name = profile["first_name"], profile["last_name"]
    user.department = profile["custom_attributes"].get("department")
    user.job_title = profile["custom_attributes"].get("job_title")
    user.mapped_role = role
    return user
