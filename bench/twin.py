"""A WorkOS that costs next to nothing: answers /sso/token from prebuilt bytes, one process, no framework.

The code decides the person, so the load generator can make one itself: `bench_` and the login's state. One code in
twenty belongs to somebody never seen before; the rest are people who sign in again. It checks nothing: the proofs of
PKCE and single use belong to the tests (`sandbox/`); here only the exchange's cost matters, and every target pays it.
"""

import asyncio
import re
import sys
import zlib
from collections.abc import Callable
from typing import cast

from bench.world import PEOPLE_EACH, Person

NEW_ONE_IN = 20

_ANSWER = (
    '{{"token_type":"Bearer","access_token":"at_{code}","expires_in":600,"profile":{{"object":"profile",'
    '"id":"{profile_id}","organization_id":"{organization}","connection_id":"{connection}",'
    '"connection_type":"OktaSAML","idp_id":"{idp_id}","email":"{email}","first_name":"{first_name}",'
    '"last_name":"{last_name}","name":"{first_name} {last_name}","role":{{"slug":"member"}},'
    '"roles":[{{"slug":"member"}}],"groups":["MemberPulse Members"],'
    '"custom_attributes":{{"department":"Sales","job_title":"Clerk"}},"raw_attributes":{{}}}}}}'
)
_CODE = re.compile(rb'(?:^|[&"])code(?:=|"\s*:\s*")([A-Za-z0-9_-]+)')  # a form, or the SDK's JSON
HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: bench\r\ncontent-length: {}\r\n\r\n"
NOT_HERE = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"


def profile_answer(code: str) -> bytes:
    """Return the whole HTTP answer for `code`: a person of tenant 0, or a new one of that tenant."""
    mark = zlib.crc32(code.encode())
    person = Person(mark % PEOPLE_EACH)
    new = (mark >> 10) % NEW_ONE_IN == 0
    own = f"new-{code[6:22]}"
    body = _ANSWER.format(
        code=code[:20],
        profile_id=f"prof_{own}" if new else person.profile_id,
        organization=person.tenant.workos_id,
        connection=person.tenant.connection_workos_id,
        idp_id=own if new else person.idp_id,
        email=f"{own.lower()}@{person.tenant.domain}" if new else person.email,
        first_name=person.first_name,
        last_name=person.last_name,
    ).encode()
    return HEAD.format(len(body)).encode() + body


class Twin(asyncio.Protocol):
    """HTTP/1.1 with keep-alive and content-length, as much of it as httpx and a raw socket send."""

    transport: asyncio.Transport

    def __init__(self, answer: Callable[[bytes, bytes], bytes]) -> None:
        """Take what returns the whole HTTP answer for (head in lower case, body)."""
        self._held = b""
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head = self._held[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0] or 0)
            if len(self._held) < end + 4 + length:
                return
            body = self._held[end + 4 : end + 4 + length]
            self._held = self._held[end + 4 + length :]
            self.transport.write(self._answer(head, body))


def _answer(head: bytes, body: bytes) -> bytes:
    if not head.startswith(b"post /sso/token "):
        return NOT_HERE
    code = _CODE.search(body)
    return profile_answer(code[1].decode()) if code else NOT_HERE


async def serve(port: int, answer: Callable[[bytes, bytes], bytes] = _answer) -> None:
    """Listen on 127.0.0.1 until the process ends."""
    server = await asyncio.get_running_loop().create_server(lambda: Twin(answer), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(int(sys.argv[1])))
