"""Sockets: a request of raw bytes on a connection of its own, for those who ask what no client library would."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from email.parser import BytesHeaderParser

import httpx

_PIECE = 65_536
_NOTHING = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """What came back: the status (0: none, closed on), the seconds until the connection was closed, and the bytes."""

    status: int
    seconds: float
    answer: bytes = b""


async def said(port: int, request: bytes, *, then: bytes = b"", every: float = 1.0, within: float = 30) -> Heard:
    """Send a request and hear until the gateway closes; `then` is sent again and again meanwhile, at so many seconds.

    A connection that is not closed `within` so many seconds is left, and counts as having lasted for ever.
    """
    began, heard = time.monotonic(), bytearray()
    try:
        async with asyncio.timeout(within):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                await _conversation(reader, writer, request, heard, (then, every))
            finally:
                writer.transport.abort()
    except TimeoutError:
        return Heard(_NOTHING, float("inf"))
    except OSError:
        pass  # closed on while more was being said
    status = bytes(heard[9:12])
    return Heard(int(status) if status.isdigit() else _NOTHING, time.monotonic() - began, bytes(heard))


async def asked_alone(port: int, request: bytes) -> httpx.Response:
    """Return the answer to a request that says `Connection: close`. Raises httpx.ReadError when there is none.

    A client library's pool costs more, of the core that is shared, than hundreds of such questions do.
    """
    heard = await said(port, request)
    if not heard.status:
        raise httpx.ReadError("closed on")
    fields = heard.answer.partition(b"\r\n\r\n")[0].partition(b"\r\n")[2]
    return httpx.Response(heard.status, headers=list(BytesHeaderParser().parsebytes(fields).items()))


async def _conversation(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    request: bytes,
    heard: bytearray,
    drip: tuple[bytes, float],
) -> None:
    talking = asyncio.create_task(_talk(writer, request, *drip))
    try:
        while data := await reader.read(_PIECE):
            heard += data
    finally:
        talking.cancel()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await talking


async def _talk(writer: asyncio.StreamWriter, request: bytes, then: bytes, every: float) -> None:
    writer.write(request)
    await writer.drain()
    while then:
        await asyncio.sleep(every)
        writer.write(then)
        await writer.drain()
