"""Wire: HTTP/1.1 on a kept connection, as little of it as a delivery needs, so that the sender is never the limit."""

import asyncio
import hashlib
import hmac
import time

_HEAD = (
    "POST /webhooks/workos HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
    "workos-signature: {signed}\r\ncontent-length: {length}\r\n\r\n"
)


def signature(body: bytes, secret: str, at: float) -> str:
    """Return the value of `WorkOS-Signature` for a body signed at an instant (epoch seconds)."""
    stamp = str(round(at * 1000))
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"t={stamp}, v1={digest}"


class Wire:
    """A connection to the gateway, opened when it is needed; whatever is wrong with it is an `OSError`."""

    def __init__(self, port: int, secret: str, *, timeout: float = 10) -> None:
        self.port = port
        self.secret = secret
        self._timeout = timeout
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, *, age: float = 0) -> int:
        """Deliver a body, signed so many seconds ago; return the status. Raises OSError when there is no answer."""
        signed = signature(body, self.secret, time.time() - age)
        head = _HEAD.format(host=f"localhost:{self.port}", signed=signed, length=len(body))
        try:
            async with asyncio.timeout(self._timeout):
                return await self._ask(head.encode() + body)
        except BaseException as trouble:
            await self.close()
            if isinstance(trouble, asyncio.IncompleteReadError | ValueError | TimeoutError):
                raise ConnectionError(str(trouble)) from trouble
            raise

    async def _ask(self, request: bytes) -> int:
        reader, writer = self._open = self._open or await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, length, rest = head.partition(b"content-length:")
        await reader.readexactly(int(rest.split(b"\r\n", 1)[0]) if length else 0)
        if b"connection: close" in head:
            await self.close()
        return int(head[9:12])

    async def close(self) -> None:
        """Close the connection, if there is one."""
        opened, self._open = self._open, None
        if opened is not None:
            opened[1].close()
