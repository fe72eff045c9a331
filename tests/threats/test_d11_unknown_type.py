"""D11: an event of a type that this release does not know is kept, skipped and not tried again."""

import pytest

from tests.deliveries import Inbox, an_event


@pytest.mark.parametrize("event", ["vault.data.created", "dsync.token.created", "authentication.sso_succeeded"])
async def test_d11_it_is_kept_and_skipped(inbox: Inbox, event: str) -> None:
    told = an_event(event, {"anything": [1, 2]})
    assert await inbox.applied(told) == ["skipped"]
    row = await inbox.row(told["id"])
    assert (row["attempts"], row["due_at"]) == (1, None)
    assert event in row["last_error"]
    names_somebody = event.startswith("authentication.")  # and is emptied, or erasing them would not find it (E12)
    assert (row["payload"] is None) == names_somebody
    assert await inbox.work_off() == 0
