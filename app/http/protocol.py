"""The HTTP protocol class: uvicorn's httptools parser with a receive deadline, a head budget and a connection cap."""

import asyncio
from asyncio import TimerHandle
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from app.http.exchange import LEAVING
from app.http.whole_answer import WHOLE_ANSWER, write_whole

# Data is parsed in pieces of this size, so that bytes are counted before much is done with them. A piece is also what
# pipelining may add to the requests that wait: 57 at most.
_PIECE = 1024
_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_FULL = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 10\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True)
class Limits:
    """What one client may take of a process before its request is complete."""

    receive_deadline_s: float = 10.0
    head_bytes: int = 32 * 1024
    connections: int = 4096


class LimitedConfig(Config):
    """uvicorn's configuration, and the limits that its protocol class is to keep.

    An attribute of the configuration, because worker processes get it pickled and build the protocol from it.
    """

    limits: Limits = Limits()


class _Awaited(Enum):
    """Which part of a request the client still owes."""

    REQUEST = 1
    HEAD = 2
    BODY = 3


_REQUEST, _HEAD, _BODY = _Awaited.REQUEST, _Awaited.HEAD, _Awaited.BODY


class _Flow(FlowControl):
    """Does not resume reading while requests wait for their turn.

    uvicorn resumes after every answer and whenever an application reads: a client that pipelines without end would
    have all its requests parsed and kept.
    """

    waiting = False

    def resume_reading(self) -> None:
        """Resume, unless requests wait."""
        if not self.waiting:
            super().resume_reading()


class GatewayProtocol(HttpToolsProtocol):
    """One connection whose client must send what it begins.

    A request has to be complete `receive_deadline_s` after its first byte (the first one: after the connection
    was opened), else it is answered 408 and the connection closed (threats.md G5: uvicorn alone waits for ever,
    and its `limit_concurrency` makes it worse). Bytes that bring neither an end of the head nor a piece of the
    body are limited to `head_bytes` (431), counted by pieces of 1 kB; that holds for trailers and chunk
    extensions too, which reach nobody. Idle kept-alive connections are closed by uvicorn's `timeout_keep_alive`.

    While requests wait for the answers before theirs, nothing more is parsed or read.

    Each connection has at most one timer, armed while a request is incomplete after a read and left to expire:
    a request that arrives in one piece costs none.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._limits = config.limits if isinstance(config, LimitedConfig) else Limits()
        self._awaited = _REQUEST
        self._held = b""  # what came behind requests that wait
        self._unheard = 0  # bytes since the head began or a piece of the body came
        self._due: float | None = None
        self._timer: TimerHandle | None = None
        self._leaving: asyncio.Event | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        """Admit the connection, or answer 503 when the process has as many as it may have."""
        super().connection_made(transport)
        self.flow = self._flow = _Flow(transport)
        if len(self.connections) > self._limits.connections:
            transport.write(_FULL)
            transport.close()
        else:
            self._expect_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the timer: it would keep the dead connection in memory until it expires."""
        super().connection_lost(exc)
        self._held = b""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def data_received(self, data: bytes) -> None:
        """Parse what came, by pieces, within the limits."""
        if self._flow.waiting:
            self._held += data
            return
        if len(data) > _PIECE:
            self._by_pieces(data)
            return
        super().data_received(data)
        if self._awaited is _REQUEST:
            # Empty lines between requests are no request, but they did stop the keep-alive timer.
            if not self._is_answering() and self._due is None and self.timeout_keep_alive_task is None:
                self._expect_more()
            return
        self._unheard += len(data)
        if self._unheard > self._limits.head_bytes:
            self._refuse(_HEAD_TOO_LARGE)
        elif self._due is None:
            self._expect_more()

    def _by_pieces(self, data: bytes) -> None:
        for start in range(0, len(data), _PIECE):
            if self.transport.is_closing():
                return
            if self._flow.waiting:
                self._held = data[start:]
                return
            self.data_received(data[start : start + _PIECE])

    def _go_on(self) -> None:
        """Parse what was held back, until requests wait again."""
        if self.pipeline or self.transport.is_closing():
            return
        self._flow.waiting = False
        held, self._held = self._held, b""
        if held:
            self.data_received(held)
        self.flow.resume_reading()

    # Parser callbacks

    def on_message_begin(self) -> None:
        """Begin counting."""
        super().on_message_begin()
        self._awaited = _HEAD
        self._unheard = 0

    def on_headers_complete(self) -> None:
        """Hand the request to the application; what follows is its body."""
        super().on_headers_complete()
        if self.pipeline:
            self._flow.waiting = True
        extensions: Any = {WHOLE_ANSWER: partial(write_whole, self.cycle), LEAVING: self.leaving}
        self.scope["extensions"] = extensions
        # The application holds the old list: a trailer appended to it would pass for a header.
        self.headers = []
        self._awaited = _BODY
        self._unheard = 0

    def on_body(self, body: bytes) -> None:
        """Pass the piece on; a body that arrives is not silence."""
        super().on_body(body)
        self._unheard = 0

    def on_message_complete(self) -> None:
        """Owe the client nothing but an answer."""
        super().on_message_complete()
        self._awaited = _REQUEST
        self._due = None

    def on_response_complete(self) -> None:
        """Begin the request that waits; with none waiting, hear the client again."""
        super().on_response_complete()
        if self._flow.waiting and not self.pipeline:
            self.loop.call_soon(self._go_on)

    # The end of the process

    def leaving(self) -> asyncio.Event:
        """Return what is set when the process stops: whoever waits for news must answer then, not 25 seconds later."""
        if self._leaving is None:
            self._leaving = asyncio.Event()
        return self._leaving

    def shutdown(self) -> None:
        """Close the connection, after the answer that is under way."""
        self.leaving().set()
        super().shutdown()

    # Deadline

    def _expect_more(self) -> None:
        self._due = self.loop.time() + self._limits.receive_deadline_s
        if self._timer is None:
            self._timer = self.loop.call_at(self._due, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        if self._due is None or self.transport.is_closing():
            return
        if self.flow.read_paused:
            # We stopped reading because the application is slow to take the body: not the client's fault.
            self._expect_more()
        elif self._due > self.loop.time():
            self._timer = self.loop.call_at(self._due, self._on_timer)
        elif self._awaited is _REQUEST:
            self.transport.close()  # nothing was asked, so nothing is answered
        else:
            self._refuse(_TIMEOUT)

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete  # pyright: ignore[reportUnnecessaryComparison]  # uvicorn starts with None

    def _refuse(self, answer: bytes) -> None:
        """End the connection, with `answer` where that cannot land in the middle of another one."""
        if self.transport.is_closing():
            return
        if self._is_answering() and (self._awaited is _HEAD or self.pipeline):
            # Requests before this one are being answered: they are finished, and nothing after them is heard.
            self.cycle.keep_alive = False
            self.flow.pause_reading()
            self._expect_more()
            return
        if self._awaited is _HEAD or not self.cycle.response_started:
            self.transport.write(answer)
        if self._is_answering():
            # What the application still says would follow our answer; what it waits for will not come.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()
