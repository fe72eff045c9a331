"""G6, body and form: 10 MB and 100,000 fields are refused by every route, on a socket, declared or not."""

import asyncio
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from app.config import Config
from app.main import create_app
from tests.gateway import SERVICE
from tests.http.stage import talk
from tests.processes import Served

TEN_MB = 10 * 1024 * 1024
FIELDS = "&".join(f"f{number}=1" for number in range(100_000)).encode()
FORM = "application/x-www-form-urlencoded"
DOCUMENT = create_app(Config(environment="test")).openapi()
WITH_BODY = [
    (method.upper(), path, kind)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    for kind in operation.get("requestBody", {}).get("content", {})
]
OTHERS = [
    (method.upper(), path)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if "requestBody" not in operation
]


async def _pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65536):
        yield b"x" * 65536


async def refused(process: Served, method: str, path: str, kind: str, body: bytes | AsyncIterator[bytes]) -> int:
    """Return the status of what was sent; a server that closes while we send has refused, too."""
    headers = {"Content-Type": kind, "Origin": process.url, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=process.url, timeout=20, auth=SERVICE if kind == FORM else None) as client:
        try:
            answer = await client.request(method, path.replace("{", "").replace("}", ""), content=body, headers=headers)
        except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
            return 413
    return answer.status_code


@pytest.mark.parametrize(("method", "path", "kind"), WITH_BODY)
async def test_g6_ten_megabytes_are_refused(method: str, path: str, kind: str, process: Served) -> None:
    assert await refused(process, method, path, kind, b"x" * TEN_MB) in {401, 403, 413}
    assert await refused(process, method, path, kind, _pieces(TEN_MB)) in {401, 403, 413}


@pytest.mark.parametrize(("method", "path"), OTHERS)
async def test_g6_a_body_that_nobody_asked_for_does_no_harm(method: str, path: str, process: Served) -> None:
    assert await refused(process, method, path, "application/json", b"x" * TEN_MB) < 500


@pytest.mark.parametrize(("method", "path"), [entry[:2] for entry in WITH_BODY if entry[2] == FORM])
async def test_g6_a_hundred_thousand_fields_are_refused(method: str, path: str, process: Served) -> None:
    for body in (FIELDS, FIELDS[:200_000], FIELDS[:4000]):
        assert 400 <= await refused(process, method, path, FORM, body) < 500


async def test_g6_the_refusal_is_heard_and_the_process_lives(process: Served) -> None:
    port = int(str(urlsplit(process.url).port))
    head = b"POST /auth/discover HTTP/1.1\r\nhost: localhost:%d\r\nconnection: close\r\n" % port
    head += b"content-type: application/json\r\n"
    declared = await talk(port, head + b"content-length: %d\r\n\r\n" % TEN_MB)
    assert declared.startswith(b"HTTP/1.1 413 ")
    assert json.loads(declared.partition(b"\r\n\r\n")[2])["code"] == "body_too_large"
    chunk = b"40000\r\n" + b"x" * 0x40000 + b"\r\n"
    counted = await talk(port, head + b"transfer-encoding: chunked\r\n\r\n" + chunk, chunk, pause_s=0.05)
    assert counted.startswith(b"HTTP/1.1 413 ")
    await asyncio.gather(
        *(refused(process, "POST", "/auth/discover", "application/json", b"x" * TEN_MB) for _ in range(5))
    )
    async with httpx.AsyncClient(base_url=process.url) as client:
        assert (await client.post("/auth/discover", json={"email": "ada@acme.example"})).status_code == 200
