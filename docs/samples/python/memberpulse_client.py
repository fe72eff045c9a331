"""A FastAPI service that knows within seconds what the gateway has revoked, by `memberpulse-auth-client`."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI
from memberpulse_auth_client import AuthClient, Token
from memberpulse_auth_client.fastapi import Guard

client = AuthClient(
    os.environ["MEMBERPULSE_ISSUER"],  # the gateway's PUBLIC_URL, letter for letter
    os.environ.get("MEMBERPULSE_AUDIENCE", "memberpulse-api"),
    credentials=(os.environ["MEMBERPULSE_CLIENT_ID"], os.environ["MEMBERPULSE_CLIENT_SECRET"]),
    when_stale="refuse_admins",  # while it is not known what was revoked: your decision, and it has no default
)
guard = Guard(client)
Caller = Annotated[Token, Depends(guard.require())]
Admin = Annotated[Token, Depends(guard.require(roles=["ROLE_CLIENT_ADMIN", "ROLE_PLATFORM_ADMIN"]))]
# Asks the gateway each time, and wants a sign-in of the last 15 minutes: for what must not wait for the feed.
Payer = Annotated[Token, Depends(guard.require(roles=["ROLE_CLIENT_ADMIN"], introspect=True, max_age=900))]


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Follow keys and revocations for as long as the service runs."""
    async with client:
        yield


app = FastAPI(lifespan=lifespan)


@app.get("/me")
async def me(caller: Caller) -> dict[str, object]:
    """Answer who is calling."""
    return {"sub": caller.sub, "organization": caller.org_id, "roles": caller.roles}


@app.get("/reports")
async def reports(admin: Admin) -> dict[str, str]:
    """Answer for the caller's own organization, never for one that the request names."""
    return {"organization": admin.org_id}


@app.post("/payouts")
async def pay_out(payer: Payer) -> dict[str, str]:
    """Do what a removed administrator must not get through, not even for a second."""
    return {"paid_by": payer.sub}


@app.get("/healthz")
async def healthz() -> dict[str, float]:
    """Tell how old the knowledge of revocations is; worth an alert above 30."""
    return {"staleness_seconds": round(min(client.staleness, 1e9), 1)}
