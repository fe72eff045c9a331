"""The code exchange as bytes on a kept connection: what WorkOS's answer needs and nothing else."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

import msgspec

from bench.twin import profile_answer
from bench.world import WORKOS_API_KEY, WORKOS_CLIENT_ID


class Profile(msgspec.Struct):
    """What a login reads of WorkOS's profile (unknown fields are passed over)."""

    id: str
    organization_id: str
    connection_id: str
    idp_id: str
    email: str
    first_name: str
    last_name: str
    groups: list[str]
    custom_attributes: dict[str, str]


class _Answer(msgspec.Struct):
    profile: Profile


_DECODER = msgspec.json.Decoder(_Answer)
Exchange = Callable[[str, str], Awaitable[Profile]]


class _Wire(asyncio.Protocol):
    """One kept connection, one exchange at a time."""

    transport: asyncio.Transport
    waiting: asyncio.Future[bytes]
    held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's own class

    def data_received(self, data: bytes) -> None:
        self.held += data
        head, mark, body = self.held.partition(b"\r\n\r\n")
        if mark and len(body) >= int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0]):
            self.held = b""
            self.waiting.set_result(body if head.startswith(b"HTTP/1.1 200 ") else b"")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.waiting.done():
            self.waiting.set_exception(exc or ConnectionResetError("the twin left"))


class RawExchange:
    """Exchanges codes over as many kept connections as there are exchanges under way."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._free: list[_Wire] = []
        self._head = (
            f"POST /sso/token HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
            "content-type: application/x-www-form-urlencoded\r\ncontent-length: "
        )
        self._form = f"grant_type=authorization_code&client_id={WORKOS_CLIENT_ID}&client_secret={WORKOS_API_KEY}"

    async def __call__(self, code: str, verifier: str) -> Profile:
        """Return the profile behind `code`; raises `msgspec.DecodeError` when WorkOS answered anything else."""
        loop = asyncio.get_running_loop()
        wire = self._free.pop() if self._free else (await loop.create_connection(_Wire, "127.0.0.1", self._port))[1]
        wire.waiting = loop.create_future()
        form = f"{self._form}&code={code}&code_verifier={verifier}"
        wire.transport.write(f"{self._head}{len(form)}\r\n\r\n{form}".encode())
        body = await wire.waiting
        self._free.append(wire)
        return _DECODER.decode(body).profile


async def stub_exchange(code: str, _verifier: str) -> Profile:
    """Return the profile without asking anybody (the variant for information)."""
    return _DECODER.decode(profile_answer(code).partition(b"\r\n\r\n")[2]).profile
