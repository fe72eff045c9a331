"""Link: one HTTP/1.1 connection that carries one exchange at a time."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import httptools
import httpx

_HEAD_LIMIT = 64 * 1024
_INTERIM = range(100, 200)


class AnswerMalformed(httpx.RemoteProtocolError):
    """What came back is not HTTP, or is larger than the caller allows."""


@dataclass(slots=True)
class Reply:
    """An HTTP answer as it arrives; complete once a `Link` has returned it."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list[tuple[bytes, bytes]])
    chunks: list[bytes] = field(default_factory=list[bytes])

    @property
    def ends_with_connection(self) -> bool:
        """Return whether only the end of the connection ends the body (RFC 9112 section 6.3, rule 8)."""
        framing = {b"content-length", b"transfer-encoding"}
        return not any(name.lower() in framing for name, _ in self.headers)


class Link(asyncio.Protocol):
    """Writes a request, reads the answer with httptools, and says whether it may carry another."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[Reply] | None = None

    @property
    def reusable(self) -> bool:
        """Return whether another request may be written: idle, open, and the last answer fully read."""
        return self._answer is None and self._transport is not None and not self._transport.is_closing()

    async def ask(self, message: bytes, *, limit: int) -> Reply:
        """Write a request and return its whole answer, of at most `limit` body bytes.

        Raises `httpx.ReadError` when the connection ends early and `AnswerMalformed`. Whatever ends the wait early,
        a cancellation too, closes the connection: the rest of that answer must not meet the next request.
        """
        if self._transport is None or not self.reusable:
            raise httpx.WriteError("the connection is closed")
        self._answer = answer = asyncio.get_running_loop().create_future()
        self._left = limit + _HEAD_LIMIT
        self._parser = httptools.HttpResponseParser(self)
        self._done = self._keep = self._head_read = False
        self.on_message_begin()
        self._transport.write(message)
        try:
            return await answer
        finally:
            self._answer = None
            if not self._keep:
                self.close()

    def close(self) -> None:
        """Drop the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    # asyncio tells us what the connection does.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to write to."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is not a subclass of asyncio's

    def data_received(self, data: bytes) -> None:
        """Feed the parser; bytes that nobody asked for end the connection."""
        if self._answer is None or self._answer.done():
            self.close()  # the next exchange would take these bytes for its own answer
            return
        self._left -= len(data)
        if self._left < 0:
            self._fail(AnswerMalformed("the answer is too large"))
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail(AnswerMalformed("the answer is not HTTP/1.1"))
            return
        if self._done:
            self._answer.set_result(self._reply)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the wait: with the answer, where the end of the connection ends the body, else with an error."""
        self._transport = None
        if self._answer is None or self._answer.done():
            return
        if exc is None and self._head_read and self._reply.ends_with_connection:
            self._answer.set_result(self._reply)
        else:
            self._answer.set_exception(httpx.ReadError("the connection ended before the answer did"))

    # httptools tells us what it reads.

    def on_message_begin(self) -> None:
        """Start a new reply; a second one behind the first means that the server is out of step."""
        if self._done:
            raise AnswerMalformed("more than one answer")
        self._reply = Reply()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; trailers after the body are dropped, they could contradict what was checked."""
        if not self._head_read:
            self._reply.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Take the status."""
        self._head_read = True
        self._reply.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body."""
        self._reply.chunks.append(body)

    def on_message_complete(self) -> None:
        """End the reply, unless it was an interim one (RFC 9110 section 15.2)."""
        self._head_read = False
        self._done = self._reply.status not in _INTERIM
        self._keep = self._done and self._parser.should_keep_alive()  # the parser forgets it with the next byte

    def _fail(self, problem: httpx.TransportError) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(problem)
        self.close()
