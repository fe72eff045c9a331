"""D2: a genuine delivery that was signed long ago, or ahead of time, is refused and not kept."""

from datetime import timedelta

import pytest

from tests.deliveries import Inbox, an_event


@pytest.mark.parametrize("seconds", [-181, 181, -86400])
async def test_d2_a_recording_is_refused(inbox: Inbox, seconds: int) -> None:
    event = an_event()
    answer = await inbox.deliver(event, at=inbox.stage.clock.now() + timedelta(seconds=seconds))
    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_timestamp_stale")
    assert await inbox.count(event["id"]) == 0


@pytest.mark.parametrize("seconds", [-170, 0, 170])
async def test_d2_clocks_may_differ(inbox: Inbox, seconds: int) -> None:
    event = an_event()
    answer = await inbox.deliver(event, at=inbox.stage.clock.now() + timedelta(seconds=seconds))
    assert answer.status_code == 200
    assert await inbox.count(event["id"]) == 1
