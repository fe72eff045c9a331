"""`GET /events`: order, filters, cursors, ranges, and the events that are held back."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from workos import BadRequestError, ConflictError, UnprocessableEntityError
from workos.common.models import CreateWebhookEndpointEvents as Names

from sandbox import event_book
from sandbox.event_book import Event
from sandbox.wire import instant
from tests.sandbox.conftest import Bench

USERS = ["dsync.user.created", "dsync.user.updated", "dsync.user.deleted"]


async def ask(bench: Bench, **params: Any) -> httpx.Response:  # noqa: ANN401
    headers = {"authorization": f"Bearer {bench.twin.world.credentials.api_keys[0]}"}
    return await bench.browser.get(f"{bench.base_url}/events", params=params, headers=headers)


def hire(bench: Bench, count: int) -> list[str]:
    """Hire people; return the ids of their events."""
    bench.twin.generate_people("acme", count)
    return [each.id for each in bench.twin.events("dsync.user.created")]


async def test_oldest_first_whatever_the_order(bench: Bench) -> None:
    ids = hire(bench, 25)
    page = await bench.workos.events.list_events(events=USERS, limit=10)
    assert [event.to_dict()["id"] async for event in page.auto_paging_iter()] == ids
    for order in ("asc", "desc", "sideways"):
        answer = (await ask(bench, events="dsync.user.created", limit=10, order=order)).json()
        assert [event["id"] for event in answer["data"]] == ids[:10]
        assert answer["list_metadata"] == {"before": None, "after": ids[9]}


async def test_the_cursor_ends_at_null(bench: Bench) -> None:
    ids = hire(bench, 10)
    answer = (await ask(bench, events="dsync.user.created", limit=10)).json()
    assert answer["list_metadata"]["after"] is None
    answer = (await ask(bench, events="dsync.user.created", after=ids[-1])).json()
    assert (answer["data"], answer["list_metadata"]["after"]) == ([], None)


async def test_webhook_and_listing_are_the_same_object(bench: Bench) -> None:
    bench.twin.set_switches(send_webhooks=False)
    bench.twin.add_webhook_endpoint("https://gateway.test/hooks")
    bench.twin.remove_person("ada@acme.example")
    (delivery,) = bench.twin.take_deliveries()
    listed = (await ask(bench, events="dsync.user.deleted")).json()["data"]
    assert [httpx.Response(200, content=delivery.body).json()] == listed
    assert set(listed[0]) == {"object", "id", "event", "data", "created_at", "context"}


async def test_names_by_comma_and_repeated(bench: Bench) -> None:
    bench.twin.change_person("ada@acme.example", first_name="A")
    bench.twin.remove_person("ada@acme.example")
    bench.twin.change_connection("Acme Okta", state="inactive")
    for given in ("dsync.user.updated,dsync.user.deleted", ["dsync.user.updated", "dsync.user.deleted"]):
        found = (await ask(bench, events=given)).json()["data"]
        assert [event["event"] for event in found] == ["dsync.user.updated", "dsync.user.deleted"]


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "events"),
        ({"events": ""}, "events"),
        ({"events": "DSync"}, "events"),
        ({"events": "a.b", "limit": 101}, "limit"),
        ({"events": "a.b", "range_start": "2026-01-05T09:00:00+01:00"}, "range_start"),
        ({"events": "a.b", "range_end": "yesterday"}, "range_end"),
    ],
)
async def test_bad_queries_are_422(bench: Bench, params: dict[str, Any], field: str) -> None:
    answer = await ask(bench, **params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


async def test_an_api_key_is_needed(bench: Bench) -> None:
    assert (await bench.browser.get(f"{bench.base_url}/events?events=a.b")).status_code == 401


async def test_one_organization(bench: Bench) -> None:
    bench.twin.remove_person("ada@acme.example")
    bench.twin.remove_person("hank@globex.example")
    globex = bench.twin.world.organization("globex").id
    page = await bench.workos.events.list_events(events=USERS, organization_id=globex)
    assert [event.to_dict()["data"]["email"] for event in page.data] == ["hank@globex.example"]


async def test_ranges_include_their_ends(bench: Bench) -> None:
    hire(bench, 1)
    bench.twin.advance_clock(60)
    bench.twin.remove_person("ada@acme.example")
    at = instant(bench.twin.events()[-1].created_at)
    only = (await ask(bench, events=",".join(USERS), range_start=at, range_end=at)).json()["data"]
    assert [event["event"] for event in only] == ["dsync.user.deleted"]
    before = datetime.fromtimestamp(bench.twin.world.now() - 30, UTC)
    page = await bench.workos.events.list_events(events=USERS, range_end=instant(before.timestamp()))
    assert [event.to_dict()["event"] for event in page.data] == ["dsync.user.created"]


async def test_a_range_is_thirty_days_at_most(bench: Bench) -> None:
    start = instant(bench.twin.world.now() - 31 * 86_400)
    end = instant(bench.twin.world.now() - 2 * 86_400)
    assert (await ask(bench, events="a.b", range_start=start)).json()["code"] == "invalid_date_range"
    assert (await ask(bench, events="a.b", range_start=start, range_end=end)).status_code == 200


async def test_an_unknown_cursor_is_refused(bench: Bench) -> None:
    with pytest.raises(BadRequestError) as refused:
        await bench.workos.events.list_events(events=USERS, after="event_x")
    assert refused.value.code == "invalid_cursor"


def test_the_book_forgets_its_oldest() -> None:
    book = event_book.EventBook(kept=3)
    for number in range(5):
        book.add(Event(id=f"e{number}", event="a.b", data={}, created_at=0, context={}, organization_id=None))
    assert [event.id for event in book.after(None)] == ["e2", "e3", "e4"]
    assert [event.id for event in book.after("e3")] == ["e4"]
    assert [event.id for event in book.last(2)] == ["e4", "e3"]
    assert (book.get("e1"), len(book)) == (None, 3)


async def test_history_ends(bench: Bench) -> None:
    (old,) = hire(bench, 1)
    bench.twin.set_switches(events_history_seconds=3600)
    bench.twin.advance_clock(3601)
    bench.twin.remove_person("ada@acme.example")
    assert (await ask(bench, events=",".join(USERS), after=old)).json()["code"] == "invalid_cursor"
    assert [e["event"] for e in (await ask(bench, events=",".join(USERS))).json()["data"]] == ["dsync.user.deleted"]


async def test_an_event_may_be_delivered_before_it_is_listed(bench: Bench) -> None:
    bench.twin.set_switches(events_delay_seconds=5, send_webhooks=False)
    bench.twin.add_webhook_endpoint("https://gateway.test/hooks")
    bench.twin.remove_person("ada@acme.example")
    assert len(bench.twin.take_deliveries()) == 1
    assert (await ask(bench, events="dsync.user.deleted")).json()["data"] == []
    bench.twin.advance_clock(5.1)
    assert len((await ask(bench, events="dsync.user.deleted")).json()["data"]) == 1


async def test_endpoints_through_the_sdk(bench: Bench) -> None:
    rooms, url = bench.workos.webhooks, "https://gateway.test/hooks"
    made = await rooms.create_webhook_endpoint(endpoint_url=url, events=[Names.DSYNC_USER_CREATED, Names.USER_CREATED])
    assert (made.endpoint_url, made.status, made.secret[:6]) == (url, "enabled", "whsec_")
    assert (await rooms.list_webhook_endpoints()).data == [made]
    with pytest.raises(ConflictError) as refused:
        await rooms.create_webhook_endpoint(endpoint_url=url, events=[Names.DSYNC_USER_CREATED])
    assert refused.value.code == "duplicate_endpoint"
    other = await rooms.create_webhook_endpoint(endpoint_url=url + "/2", events=[Names.DSYNC_USER_CREATED])
    assert other.secret != made.secret
    changed = await rooms.update_webhook_endpoint(other.id, status="disabled", events=["dsync.deleted"])
    assert (changed.status, changed.events, changed.secret) == ("disabled", ["dsync.deleted"], other.secret)
    await rooms.delete_webhook_endpoint(made.id)
    assert [each.id for each in (await rooms.list_webhook_endpoints()).data] == [other.id]


@pytest.mark.parametrize(
    "body",
    [
        {"endpoint_url": "ftp://x/", "events": ["dsync.deleted"]},
        {"endpoint_url": "https://x/", "events": []},
        {"endpoint_url": "https://x/", "events": ["dsync.token.created"]},
        {"endpoint_url": "https://x/"},
    ],
)
async def test_bad_endpoints_are_422(bench: Bench, body: dict[str, Any]) -> None:
    with pytest.raises(UnprocessableEntityError):
        await bench.workos.request_raw("post", ("webhook_endpoints",), body=body)
