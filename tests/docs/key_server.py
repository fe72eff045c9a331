"""KeyServer: publishes a keyring as the gateway does, counts who asks, and fails on demand."""

import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from app.tokens.keyring import Keyring

PATH = "/.well-known/jwks.json"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server says instead of the key set."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class KeyServer:
    """The statuses of all answers so far are in `answers`; `reply` replaces the key set, `delay` is in seconds."""

    issuer: str
    keyring: Keyring
    reply: Reply | None = None
    delay: float = 0.0
    answers: list[int] = field(default_factory=list[int])
    strays: list[str] = field(default_factory=list[str])

    @property
    def url(self) -> str:
        """Where the key set is."""
        return f"{self.issuer}{PATH}"

    def answer(self, path: str, if_none_match: str | None) -> Reply:
        """Return the answer to one request, and count it."""
        time.sleep(self.delay)
        reply = self.reply or self._key_set(if_none_match)
        if path == PATH:
            self.answers.append(reply.status)
        else:
            self.strays.append(path)
        return reply

    def _key_set(self, if_none_match: str | None) -> Reply:
        headers = {"ETag": self.keyring.etag, "Cache-Control": "public, max-age=300"}
        if if_none_match == self.keyring.etag:
            return Reply(304, headers=headers)
        return Reply(200, self.keyring.jwks_document, {**headers, "Content-Type": "application/jwk-set+json"})


@contextmanager
def serving(keyring: Keyring) -> Generator[KeyServer]:
    """Publish `keyring` on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reply = server.answer(self.path, self.headers.get("If-None-Match"))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status != 304:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the standard library's name
            """Say nothing: the tests count."""

    # Made before its address is known to it: the handler needs `server`, and `server` needs the port.
    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = KeyServer(issuer=f"http://127.0.0.1:{listener.server_port}", keyring=keyring)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
