"""The door of revocations: what other services ask for to know what is void before its time."""

import asyncio
from dataclasses import asdict
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Security
from fastapi.responses import Response

from app.access.guard import SERVICE_CLIENT
from app.http.answers import JSON, Answer, json_answer
from app.http.dependencies import RuntimeDep
from app.http.exchange import Exchange
from app.http.handlers import exchange_of, to_response
from app.http.openapi import PROBLEMS
from app.http.versions import is_known
from app.runtime import Runtime
from app.sessions.doors import SessionDoors
from app.sessions.revocations import Portion, RevocationFeed
from app.sessions.schemas import Revocations
from app.tokens import access_token
from app.tokens.claims import to_seconds

router = APIRouter(tags=["sessions"])
LONGEST_WAIT: Final = 25
MOST: Final = 1000
TYPE: Final = "revocations+jwt"
_JWT: Final = "application/jwt"


@router.get(
    "/auth/revocations",
    operation_id="readRevocations",
    summary="What is void before its time",
    response_model=Revocations,
    responses={
        200: {
            "content": {_JWT: {"schema": {"type": "string"}}},
            "headers": {"ETag": {"schema": {"type": "string"}, "description": "Send it as If-None-Match."}},
        },
        304: {"description": "Nothing new.", "content": {}},
        **PROBLEMS(400, 401, 403, 410, 422, 503),
    },
    dependencies=[Security(SERVICE_CLIENT)],
)
async def read_revocations(
    request: Request,
    runtime: RuntimeDep,
    after: Annotated[int, Query(ge=0, le=2**53, description="What you have read; 0 or nothing: all that is kept.")] = 0,
    wait: Annotated[int, Query(ge=0, le=LONGEST_WAIT, description="Seconds to wait until there is something.")] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Entries of an answer.")] = MOST,
) -> Response:
    """For backend services that verify offline: in order and without a gap; read on behind `list_metadata.after`.

    An entry is here within a second of the deed and is kept for 390 seconds. Whoever comes later gets 410 and reads
    again without `after`. With `Accept: application/jwt` the same comes signed, to be handed on.
    """
    exchange = exchange_of(request)
    doors: SessionDoors = request.app.state.session_doors
    await doors.credentials.authenticate(exchange.header(b"authorization"), scope="revocations:read")
    feed: RevocationFeed = request.app.state.revocations
    portion = await _something(feed, exchange, after=after, most=limit, wait=wait)
    return to_response(_answer(portion, exchange, runtime))


async def _something(feed: RevocationFeed, exchange: Exchange, *, after: int, most: int, wait: int) -> Portion:
    """Return what is behind `after`, waiting until there is something, the time is over, or somebody leaves."""
    ends = asyncio.get_running_loop().time() + wait
    while True:
        news = asyncio.ensure_future(feed.news())  # listened for before it is read: what comes between is not missed
        try:
            portion = await feed.read(after, most=most)
            left = ends - asyncio.get_running_loop().time()
            if portion.entries or left <= 0:
                return portion
            if not await exchange.stays_until(news, seconds=left):
                return portion
        finally:
            news.cancel()


def _answer(portion: Portion, exchange: Exchange, runtime: Runtime) -> Answer:
    headers = (
        (b"cache-control", b"private, no-cache"),
        (b"vary", b"Accept"),
        (b"etag", portion.etag.encode("ascii")),
    )
    if is_known(exchange.header(b"if-none-match"), portion.etag):
        return Answer(304, headers=headers)
    shown = _shape(portion)
    if (exchange.header(b"accept") or "").partition(";")[0].strip().lower() != _JWT:
        return Answer(200, json_answer(shown).body, (JSON, *headers))
    said = {"iss": runtime.config.issuer, "iat": to_seconds(runtime.clock.now()), "after": portion.after, **shown}
    signed = access_token.sign(runtime.keys.current.signing_key(), typ=TYPE, claims=said)
    return Answer(200, signed.encode("ascii"), ((b"content-type", _JWT.encode("ascii")), *headers))


def _shape(portion: Portion) -> dict[str, Any]:
    return {
        "object": "list",
        "data": [asdict(entry) for entry in portion.entries],
        "list_metadata": {"before": None, "after": str(portion.last)},
        "has_more": portion.more,
    }
