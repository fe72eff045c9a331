"""POST /auth/introspect: the caller's secret, a token verified once, and a fresh read of the session each time."""

import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from bench.floors.batch import Batch
from bench.floors.document import USABLE
from bench.floors.ground import Ground
from bench.floors.lanes import connect, prepared
from bench.floors.tokens import Claims
from bench.floors.wire import JSON, Door, Receive, Scope, Send, answer, body_of, field, header, refuse
from bench.workload import Request, Visitor, Workload
from bench.world import CLIENT_ID, CLIENT_SECRET

PATH = "/auth/introspect"


def _requests(visitor: Visitor) -> list[Request]:
    basic = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return [Request("POST", PATH, headers, f"token={token}") for token in visitor.tokens]


WORKLOAD = Workload("introspect", "introspection", _requests, variants=("one statement",))

# `by introspection at once` (contract.md): no memory of the session may answer, so every request waits for a read
# that began after it arrived. Requests that arrive together share one.
_ALIVE = f"""
select s.id from unnest($1::uuid[]) as asked(id)
  join sessions s on s.id = asked.id
  join users u on u.organization_id = s.organization_id and u.id = s.user_id and u.state = 'active'
  join organizations o on o.id = s.organization_id and o.state = 'active'
  left join connections c on c.organization_id = s.organization_id and c.id = s.connection_id
 where s.ended_at is null and s.expires_at > $2 and {USABLE}
   and s.last_seen_at + make_interval(secs => s.idle_seconds) > $2
"""  # noqa: S608 -- constants
_INACTIVE = b'{"active":false}'


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door, its statement prepared and the service clients read."""
    statements = await prepared(ground.database, _ALIVE, 6)
    connection = await connect(ground.database)
    clients = await connection.fetch("select id, secret_hash from service_clients where revoked_at is null")
    await connection.close()
    secrets: dict[bytes, bytes] = {row["id"].encode(): row["secret_hash"] for row in clients}

    async def read(lane: int, sids: Sequence[UUID]) -> list[bool]:
        alive = {row[0] for row in await statements[lane].fetch(sids, datetime.now(UTC))}
        return [sid in alive for sid in sids]

    batch = Batch(read, lanes=6, most=1) if ground.variant == "one statement" else Batch(read)
    verified: dict[str, tuple[Claims, UUID, bytes]] = {}

    def known(token: str, now: float) -> tuple[Claims, UUID, bytes] | None:
        found = verified.get(token)
        if found is None:
            claims = ground.keys.verify(token.encode(), int(now))
            if claims is None:
                return None
            found = verified[token] = (claims, UUID(claims.sid), _active(claims))
        return found if found[0].exp > now else None

    async def introspect(scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_client(secrets, header(scope, b"authorization")):
            await refuse(send, 401, b"not_authenticated")
            return
        found = known(field(await body_of(receive), b"token"), time.time())
        alive = found is not None and await batch.ask(found[1])
        await answer(send, 200, JSON, found[2] if found and alive else _INACTIVE)

    return {PATH: introspect}


def _is_client(secrets: dict[bytes, bytes], authorization: bytes) -> bool:
    name, _, secret = b64decode(authorization[6:]).partition(b":")
    return compare_digest(sha256(secret).digest(), secrets.get(name, b""))


def _active(claims: Claims) -> bytes:
    """Return the RFC 7662 answer for a token that is alive."""
    return (
        f'{{"active":true,"token_type":"Bearer","iss":"{claims.iss}","sub":"{claims.sub}","aud":["{claims.aud[0]}"],'
        f'"client_id":"{claims.client_id}","org_id":"{claims.org_id}","sid":"{claims.sid}","jti":"{claims.jti}",'
        f'"iat":{claims.iat},"nbf":{claims.nbf},"exp":{claims.exp},"auth_time":{claims.auth_time},"amr":["sso"],'
        f'"roles":["{claims.roles[0]}"],"ver":{claims.ver}}}'
    ).encode()
