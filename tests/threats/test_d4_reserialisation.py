"""D4: the signature is over the bytes as they came, never over what they mean."""

import json

from tests.deliveries import Inbox, an_event, signature


async def test_d4_odd_spacing_and_order_are_kept_as_they_came(inbox: Inbox) -> None:
    event = an_event()
    body = b'{ "event":"test.event",\n\t"id" : "%s" ,"data":{ } }' % event["id"].encode()
    assert (await inbox.deliver(body)).status_code == 200
    assert (await inbox.row(event["id"]))["payload"] == body


async def test_d4_the_same_json_in_other_bytes_is_not_signed(inbox: Inbox) -> None:
    event = an_event()
    signed = signature(json.dumps(event).encode(), inbox.stage.clock.now())
    assert (await inbox.send(json.dumps(event, indent=1).encode(), signed)).status_code == 401
    assert await inbox.count(event["id"]) == 0
