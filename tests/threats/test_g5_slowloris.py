"""G5: 400 half-open connections take nothing from anybody else, and are gone at the deadline."""

import asyncio
import time

from app.http.protocol import Limits
from tests.http.stage import read_to_end, serving, talk

DEADLINE_S = 2.0
HALF_HEAD = b"GET / HTTP/1.1\r\nhost: a\r\nx-slow: "
HALF_BODY = b"POST /body HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nhalf"
WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"


async def hold(port: int, half: bytes) -> float:
    """Open a connection, send half a request, wait; return the seconds until the server closed it."""
    begun = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(half)
    heard = await read_to_end(reader)
    assert heard.startswith(b"HTTP/1.1 408 ")
    writer.close()
    return time.monotonic() - begun


async def test_g5_half_open_connections_are_closed_and_the_others_served() -> None:
    with serving(limits=Limits(receive_deadline_s=DEADLINE_S)) as port:
        halves = [asyncio.create_task(hold(port, half)) for half in [HALF_HEAD, HALF_BODY] * 200]
        await asyncio.sleep(0.5)
        assert not any(task.done() for task in halves)
        served = 0
        while not all(task.done() for task in halves):
            assert (await talk(port, WHOLE)).startswith(b"HTTP/1.1 200 ")
            served += 1
        lasted = [task.result() for task in halves]
    assert served > 50
    assert len(lasted) == 400
    assert max(lasted) <= DEADLINE_S + 1
