"""GET /auth/sso, then the callback: three batched commits and one exchange make a session."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from bench.floors.batch import Batch
from bench.floors.exchange import Exchange, Profile, RawExchange, stub_exchange
from bench.floors.finish import CONSUME, FINISH
from bench.floors.ground import Ground
from bench.floors.ids import uuid7
from bench.floors.lanes import Statement, prepared
from bench.floors.start import (
    CALLBACK_PATH,
    LOGIN_COOKIE,
    SSO_PATH,
    STORE,
    Flow,
    Redirect,
    digest,
    instants,
    open_verifier,
    secret,
)
from bench.floors.wire import Door, Headers, Receive, Scope, Send, answer, cookie, field, refuse
from bench.workload import Request, Visitor, Workload

_ROLES = {"MemberPulse Admins": "ROLE_CLIENT_ADMIN", "MemberPulse Staff": "ROLE_CLIENT_USER"}


def _requests(visitor: Visitor) -> list[Request]:
    return [Request("GET", f"{SSO_PATH}?organization={visitor.organization}")]


WORKLOAD = Workload(
    "login-pair", "login start + callback", _requests, script="pair.lua", variants=("stub exchange",), unit="pair"
)


class _Arrival(NamedTuple):
    """One person back from the identity provider: the columns of `FINISH`, in its order."""

    organization: str
    connection: str
    idp_id: str
    profile_id: str
    email: str
    first_name: str
    last_name: str
    department: str | None
    job_title: str | None
    role: str
    user_id: UUID
    identity_id: UUID
    session_id: UUID
    audit_id: UUID
    secret_hash: bytes


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return both doors, their statements prepared."""
    callback = _Callback(
        stub_exchange if ground.variant == "stub exchange" else RawExchange(ground.twin),
        *[await prepared(ground.database, statement, 2) for statement in (CONSUME, FINISH)],
    )
    statements = await prepared(ground.database, STORE, 2)
    redirect = Redirect(ground)

    async def store(lane: int, flows: Sequence[Flow]) -> list[bool]:
        columns = zip(*(flow.row() for flow in flows), strict=True)
        stored = {row[0] for row in await statements[lane].fetch(*map(list, columns), *instants())}
        return [digest(flow.state) in stored for flow in flows]

    flows = Batch(store, lanes=2)

    async def start(scope: Scope, _receive: Receive, send: Send) -> None:
        flow = Flow.of(scope)
        if await flows.ask(flow):
            await redirect.send(send, flow)
        else:
            await refuse(send, 404, b"organization_unknown")

    return {SSO_PATH: start, CALLBACK_PATH: callback.door}


class _Callback:
    """Consume the flow, exchange the code, provision the person and open the session."""

    def __init__(
        self,
        exchange: Exchange,
        consume: list[Statement],
        finish: list[Statement],
    ) -> None:
        self._exchange = exchange
        self._consume = consume
        self._finish = finish
        self._flows = Batch(self._take, lanes=2)
        self._arrivals = Batch(self._admit, lanes=2)

    async def door(self, scope: Scope, _receive: Receive, send: Send) -> None:
        query = scope["query_string"]
        key = (digest(field(query, b"state").encode()), digest(cookie(scope, LOGIN_COOKIE)))
        flow = await self._flows.ask(key)
        if flow is None:
            await refuse(send, 400, b"login_state_mismatch")
            return
        profile = await self._exchange(field(query, b"code"), open_verifier(flow["verifier"]).decode())
        if (profile.organization_id, profile.connection_id) != (flow["organization"], flow["connection"]):
            await refuse(send, 403, b"connection_mismatch")
            return
        session = secret()
        if not await self._arrivals.ask(_arrival(profile, session)):
            await refuse(send, 403, b"domain_not_allowed")
            return
        await answer(send, 303, _welcome(flow["return_to"].encode(), session))

    async def _take(self, lane: int, keys: Sequence[tuple[bytes, bytes]]) -> list[asyncpg.Record | None]:
        states, cookies = zip(*keys, strict=True)
        # One state twice in a batch (a replay): the first gets the row, the second nothing.
        found = {row["state_hash"]: row for row in await self._consume[lane].fetch(states, cookies, datetime.now(UTC))}
        return [found.pop(state, None) for state in states]

    async def _admit(self, lane: int, arrivals: Sequence[_Arrival]) -> list[bool]:
        columns = zip(*arrivals, strict=True)
        admitted = {row[0] for row in await self._finish[lane].fetch(*map(list, columns), datetime.now(UTC))}
        return [arrival.session_id in admitted for arrival in arrivals]


def _arrival(profile: Profile, session: bytes) -> _Arrival:
    return _Arrival(
        *(profile.organization_id, profile.connection_id, profile.idp_id, profile.id, profile.email),
        *(profile.first_name, profile.last_name),
        *(profile.custom_attributes.get("department"), profile.custom_attributes.get("job_title")),
        next((_ROLES[group] for group in profile.groups if group in _ROLES), "ROLE_MEMBER"),
        *(uuid7(), uuid7(), uuid7(), uuid7()),
        digest(session),
    )


def _welcome(return_to: bytes, session: bytes) -> Headers:
    return [
        (b"location", return_to),
        (b"set-cookie", b"mp_session=%s; Path=/; HttpOnly; SameSite=Lax" % session),
        (b"set-cookie", LOGIN_COOKIE + b"=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax"),
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
    ]
