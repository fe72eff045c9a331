"""GET /.well-known/jwks.json: ready bytes."""

from hashlib import sha256

from bench.floors.ground import Ground
from bench.floors.wire import Door, Headers, Receive, Scope, Send, answer
from bench.workload import Request, Visitor, Workload

PATH = "/.well-known/jwks.json"


def _requests(_visitor: Visitor) -> list[Request]:
    return [Request("GET", PATH)]


WORKLOAD = Workload("jwks", "JWKS", _requests)


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door."""
    headers: Headers = [
        (b"content-type", b"application/jwk-set+json"),
        (b"cache-control", b"public, max-age=300, stale-while-revalidate=300, stale-if-error=86400"),
        (b"etag", b'"%s"' % sha256(ground.keys.jwks).hexdigest()[:32].encode()),
    ]

    async def jwks(_scope: Scope, _receive: Receive, send: Send) -> None:
        await answer(send, 200, headers, ground.keys.jwks)

    return {PATH: jwks}
