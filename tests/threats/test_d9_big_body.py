"""D9: a body beyond 256 kB, however it is sent, and a compressed one are refused."""

import gzip
from collections.abc import AsyncGenerator

from tests.deliveries import Inbox, signature

BIG = b"x" * 10_000_000


async def chunks() -> AsyncGenerator[bytes]:
    for start in range(0, len(BIG), 65536):
        yield BIG[start : start + 65536]


async def test_d9_ten_megabytes(inbox: Inbox) -> None:
    signed = signature(BIG, inbox.stage.clock.now())
    declared = await inbox.send(BIG, signed)
    assert declared.status_code == 413
    headers = {"workos-signature": signed, "content-type": "application/json"}
    chunked = await inbox.stage.browser().http.post("/webhooks/workos", content=chunks(), headers=headers)
    assert chunked.status_code == 413


async def test_d9_a_compressed_body(inbox: Inbox) -> None:
    body = gzip.compress(BIG)
    answer = await inbox.send(body, signature(body, inbox.stage.clock.now()), **{"content-encoding": "gzip"})
    assert answer.status_code == 415
