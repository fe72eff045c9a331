"""Raw requests: straight into the ASGI application, where httpx would tidy up what is sent."""

import asyncio
import json
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.http.gateway import Gateway

Headers = Sequence[tuple[str | bytes, str | bytes]]


@dataclass(slots=True)
class Raw:
    """An answer as it left: every header line in its order."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    body: bytes = b""
    pieces_read: int = 0

    def all(self, name: str) -> list[str]:
        """Return every value of a header."""
        return [value for key, value in self.headers if key == name]

    def header(self, name: str) -> str:
        """Return the header's one value."""
        (value,) = self.all(name)
        return value

    def json(self) -> Any:  # noqa: ANN401 -- JSON
        """Return the body, read as JSON."""
        return json.loads(self.body)


async def ask(
    app: Gateway,
    method: str,
    path: str,
    headers: Headers = (),
    *,
    body: Sequence[bytes] = (b"",),
    host: str | None = "localhost:8000",
    query: str = "",
) -> Raw:
    """Send one request, its body in these pieces, and return the answer."""
    raw = Raw()
    pieces = list(body)
    lines: list[tuple[bytes, bytes]] = [] if host is None else [(b"host", host.encode())]
    lines += [(_bytes(name).lower(), _bytes(value)) for name, value in headers]
    scope: MutableMapping[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": lines,
        "client": ("203.0.113.9", 4711),
        "server": ("localhost", 8000),
    }

    async def receive() -> MutableMapping[str, Any]:
        if raw.pieces_read >= len(pieces):
            await asyncio.Event().wait()  # a client that waits for its answer
        raw.pieces_read += 1
        more = raw.pieces_read < len(pieces)
        return {"type": "http.request", "body": pieces[raw.pieces_read - 1], "more_body": more}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            raw.status = message["status"]
            raw.headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
        else:
            raw.body += message.get("body", b"")

    async with asyncio.timeout(10):
        await app(scope, receive, send)
    return raw


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
