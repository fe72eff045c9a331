"""D8: signed, but hostile: never a fault of ours; what is kept ends `dead` with a reason, and the next is applied."""

import json

import pytest

from tests.builders import Tenant
from tests.deliveries import Inbox, an_event, connection_event


def wrapped(data: str, name: str) -> bytes:
    return b'{"id": "event_01HOSTILE_%b", "event": "connection.activated", "data": %b}' % (name.encode(), data.encode())


HOSTILE: dict[str, bytes] = {
    "nul": wrapped('{"id": "conn_\\u0000"}', "nul"),
    "lone surrogate": wrapped('{"id": "conn_\\ud800"}', "surrogate"),
    "nan": wrapped('{"id": NaN}', "nan"),
    "duplicate keys": wrapped('{"id": 1, "id": 2}', "keys"),
    "huge number": wrapped('{"id": ' + "9" * 200_000 + "}", "number"),
    "10,000 deep": wrapped("[" * 10_000 + "]" * 10_000, "deep"),
    "100,000 deep": wrapped("[" * 100_000 + "]" * 100_000, "deeper"),
    "empty": b"",
    "a list": b"[]",
    "null": b"null",
    "not utf-8": b'{"id": "event_01HOSTILE_\xff", "event": "x"}',
    "no id": b'{"event": "connection.activated"}',
    "an id of another type": b'{"id": 7, "event": "connection.activated"}',
    "a long id": b'{"id": "%b", "event": "connection.activated"}' % (b"e" * 300),
    "nul in the id": b'{"id": "event_\\u0000", "event": "connection.activated"}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_d8_it_ends_dead_and_the_next_is_applied(inbox: Inbox, tenant: Tenant, body: bytes) -> None:
    await inbox.work_off()
    known = [row["id"] for row in await inbox.stage.sql("select id from webhook_events")]
    answer = await inbox.deliver(body)
    assert answer.status_code in {200, 400}
    good = connection_event(tenant, "connection.deactivated")
    assert await inbox.applied(good) == ["done"]
    kept = await inbox.stage.sql(
        "select status, last_error, payload from webhook_events where id <> all ($1) and event_id <> $2",
        known,
        good["id"],
    )
    for row in kept:
        assert row["status"] == "dead"
        assert row["last_error"]
        assert row["payload"] == body


ODD = {
    "nul": b'"Okta \\u0000"',
    "half an emoji": b'"Okta \\ud83d"',
    "half an emoji, unescaped": b'"Okta \xed\xa0\xbd"',
    "nan": b"NaN",
    "infinity": b"-Infinity",
    "a number beyond all": b"1e400",
    "a number of 200,000 digits": b"9" * 200_000,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_d8_what_takes_access_away_is_applied_whatever_is_odd_beside_its_ids(
    inbox: Inbox, tenant: Tenant, odd: bytes
) -> None:
    event = connection_event(tenant, "connection.deactivated", name="ODD")
    body = json.dumps(event).encode().replace(b'"ODD"', odd)
    assert (await inbox.deliver(body)).status_code == 200
    await inbox.work_off()
    row = await inbox.row(event["id"])
    assert (row["status"], row["payload"]) == ("done", body), row["last_error"]
    (kept,) = await inbox.stage.sql("select state from connections where workos_id = $1", tenant.connection_workos_id)
    assert kept["state"] == "inactive"


async def test_d8_what_is_no_event_is_shown_with_its_reason(inbox: Inbox) -> None:
    await inbox.deliver(b"[1]")
    admin = await inbox.stage.platform_admin()
    answer = await admin.api("GET", "/api/webhooks/events", params={"event": "unreadable", "status": "dead"})
    assert "not a JSON object" in json.dumps([row["last_error"] for row in answer.json()["data"]])


async def test_d8_an_event_of_another_shape_says_which_field(inbox: Inbox, tenant: Tenant) -> None:
    broken = an_event("connection.activated", {"id": 7, "organization_id": tenant.workos_id})
    assert await inbox.applied(broken) == ["dead"]
    assert "`id`" in (await inbox.row(broken["id"]))["last_error"]
