"""D1: only what is signed with our secret is kept; whatever else is answered 401 and leaves nothing."""

import json

import pytest

from tests.deliveries import Inbox, an_event, signature


@pytest.mark.parametrize("forged", ["none", "wrong secret", "of other bytes", "empty key", "truncated", "uppercase"])
async def test_d1_what_is_not_signed_is_not_kept(inbox: Inbox, forged: str) -> None:
    event = an_event()
    body, now = json.dumps(event).encode(), inbox.stage.clock.now()
    right = signature(body, now)
    header = {
        "none": None,
        "wrong secret": signature(body, now, "another-secret-of-nobody"),
        "of other bytes": signature(body + b" ", now),
        "empty key": signature(body, now, ""),
        "truncated": right[:-1],
        "uppercase": right.partition("v1=")[0] + "v1=" + right.partition("v1=")[2].upper(),
    }[forged]
    before = await inbox.stage.count("webhook_events")
    answer = await inbox.send(body, header)
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_signature_invalid")
    assert await inbox.stage.count("webhook_events") == before
    assert (await inbox.send(body, right)).status_code == 200


async def test_d1_the_time_is_signed_too(inbox: Inbox) -> None:
    body = json.dumps(an_event()).encode()
    stamp, _, digest = signature(body, inbox.stage.clock.now()).partition(", ")
    moved = f"t={int(stamp[2:]) + 1}, {digest}"
    assert (await inbox.send(body, moved)).status_code == 401
