"""Whole answers: how a door hands a complete answer to the protocol, written at once."""

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE_ANSWER = "memberpulse.whole_answer"
"""The ASGI extension by which a door hands over a complete answer; its value is `write_whole` of the request."""
_BODILESS = frozenset({204, 304})  # RFC 9110 section 6.4.1: a body would be read as the next answer


def write_whole(cycle: RequestResponseCycle, status: int, head: bytes, body: bytes) -> bool:
    """Write a complete answer at once; return False where that cannot be, and ASGI's own messages must do.

    `head` is header lines, each with its line end, Content-Length among them; who passes it answers for every byte.
    uvicorn writes head and body one after the other and looks each header through: half of what a ready answer costs.
    """
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
        return False
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    lines = [b"%b: %b\r\n" % header for header in cycle.default_headers]
    if not cycle.keep_alive:
        lines.append(b"connection: close\r\n")
    shown = b"" if cycle.scope["method"] == "HEAD" or status in _BODILESS else body
    cycle.transport.write(b"".join((STATUS_LINE[status], *lines, head, b"\r\n", shown)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
