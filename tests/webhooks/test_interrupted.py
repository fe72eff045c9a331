"""A reading of the Events API that breaks off goes on where it was, however it broke off, and loses nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app.webhooks.poll_repository import EventPolls, Position
from tests.deliveries import Inbox, moment
from tests.logs import logged
from tests.webhooks.test_catch_up import linked, states

PAGE = 100
POLL = "select * from event_polls"


async def busy(alone: Inbox, changes: int = 350) -> int:
    """Link a tenant and let so much happen that no webhook brings; return how many pages WorkOS lists of it."""
    connections = await linked(alone)
    for number in range(changes):
        state = "inactive" if number // len(connections) % 2 == 0 else "active"
        alone.stage.twin.change_connection(connections[number % len(connections)], state=state)
    alone.stage.twin.take_deliveries()
    alone.stage.clock.advance(seconds=61)
    alone.stage.twin.clear_hits()
    return changes // PAGE + 1


def asked(alone: Inbox) -> list[dict[str, str]]:
    return [dict(hit.query) for hit in alone.stage.twin.hits(path="/events")]


async def poll(alone: Inbox) -> dict[str, Any]:
    (row,) = await alone.stage.sql(POLL)
    return dict(row)


async def kept(alone: Inbox) -> set[str]:
    return {row["event_id"] for row in await alone.stage.sql("select event_id from webhook_events")}


def listed(alone: Inbox) -> set[str]:
    twin = alone.stage.twin
    return {event.id for kind in ("connection.activated", "connection.deactivated") for event in twin.events(kind)}


async def test_it_goes_on_behind_the_last_page_that_was_kept(alone: Inbox) -> None:
    pages = await busy(alone)
    alone.stage.twin.add_fault("GET /events", "status", status=500, after=2)
    assert await alone.catch_up() is None
    row = await poll(alone)
    assert row["leased_until"] is None
    assert "WorkOS" in row["last_error"]
    assert len(await kept(alone) & listed(alone)) >= 2 * PAGE - 20
    alone.stage.twin.clear_faults()
    alone.stage.twin.clear_hits()
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() is not None
    questions = asked(alone)
    assert questions[0]["after"] == row["reading_after"]
    assert len(questions) == pages - 2, "no page is asked for twice"
    assert listed(alone) <= await kept(alone)
    after = await poll(alone)
    # The reading counts as begun when it was first: what WorkOS listed late meanwhile is in the next one's overlap.
    assert after["read_to"] == row["reading_begun"] <= alone.stage.clock.now() - timedelta(seconds=60)
    assert {name: after[name] for name in after if name.startswith("reading_")} == dict.fromkeys(
        ("reading_begun", "reading_wanted", "reading_since", "reading_after")
    )
    await alone.work_off()
    assert await states(alone) == {
        found: alone.stage.twin.world.connections[found].state for found in await states(alone)
    }


@pytest.mark.parametrize("killed", [False, True], ids=["told to end", "killed"])
async def test_a_reader_that_ends_is_gone_on_for(alone: Inbox, *, killed: bool) -> None:
    pages = await busy(alone)
    alone.stage.twin.add_fault("GET /events", "latency", delay_ms=60_000, after=2)
    reading = asyncio.create_task(alone.catch_up())
    async with asyncio.timeout(20):
        while (await poll(alone))["reading_after"] is None or len(asked(alone)) < 3:
            await asyncio.sleep(0.02)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    alone.stage.twin.clear_faults()
    alone.stage.twin.clear_hits()
    if killed:  # then nobody gave its lease back
        leased = "update event_polls set leased_until = $1"
        await alone.stage.sql(leased, alone.stage.clock.now() + timedelta(minutes=2))
        assert await alone.catch_up() is None, "its lease lasts a little"
        alone.stage.clock.advance(minutes=3)
    assert await alone.catch_up() is not None
    assert len(asked(alone)) == pages - 2
    assert listed(alone) <= await kept(alone)


async def test_thousands_of_pages_are_read_though_every_third_question_fails(alone: Inbox) -> None:
    await busy(alone, 650)
    alone.stage.twin.clear_hits()
    tries = 0
    while tries < 10:
        tries += 1
        alone.stage.twin.clear_faults()
        alone.stage.twin.add_fault("GET /events", "status", status=500, after=2)
        alone.stage.clock.advance(seconds=61)
        if await alone.catch_up() is not None:
            break
    assert 3 <= tries < 10
    assert listed(alone) <= await kept(alone)


async def test_a_cursor_that_workos_has_forgotten_falls_back_to_the_windows_start(alone: Inbox) -> None:
    pages = await busy(alone)
    since = alone.stage.clock.now() - timedelta(minutes=30)
    await alone.stage.sql(
        "update event_polls set reading_begun = $1, reading_since = $2, reading_after = 'event_forgotten'",
        alone.stage.clock.now(),
        since,
    )
    assert (await alone.catch_up() or 0) > 0
    first, second, *rest = asked(alone)
    assert first["after"] == "event_forgotten"
    assert moment(alone.stage, -1801) < first["range_start"] < moment(alone.stage, -1799)
    assert "after" not in second
    assert second["range_start"] == first["range_start"]
    assert len(rest) == pages - 1
    assert listed(alone) <= await kept(alone)


async def test_a_window_that_was_read_is_not_asked_for_again(alone: Inbox) -> None:
    await linked(alone)
    await alone.stage.sql("update event_polls set read_to = $1", alone.stage.clock.now() - timedelta(days=80))
    alone.stage.clock.advance(seconds=61)
    alone.stage.twin.clear_hits()
    alone.stage.twin.add_fault("GET /events", "status", status=500, after=2)
    assert await alone.catch_up() is None
    windows = [question["range_start"] for question in asked(alone)]
    alone.stage.twin.clear_faults()
    alone.stage.twin.clear_hits()
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() is not None
    assert [question["range_start"] for question in asked(alone)] == [windows[2]]


async def test_what_is_missed_meanwhile_is_still_wanted(alone: Inbox) -> None:
    await busy(alone)
    alone.stage.twin.add_fault("GET /events", "status", status=500, after=2)
    assert await alone.catch_up() is None
    alone.stage.twin.clear_faults()
    hours_ago = alone.stage.clock.now() - timedelta(hours=5)
    await alone.stage.sql("update event_polls set wanted_since = $1", hours_ago)
    alone.stage.clock.advance(seconds=6)
    assert await alone.catch_up() is not None, "the reading that broke off comes to its end"
    assert (await poll(alone))["wanted_since"] == hours_ago
    alone.stage.clock.advance(seconds=6)
    alone.stage.twin.clear_hits()
    assert await alone.catch_up() is not None
    assert asked(alone)[0]["range_start"] < moment(alone.stage, -5 * 3600)
    assert (await poll(alone))["wanted_since"] is None


async def test_who_stood_still_changes_no_later_reading(alone: Inbox) -> None:
    await linked(alone)
    alone.stage.clock.advance(seconds=61)
    every, again = timedelta(seconds=60), timedelta(seconds=5)
    async with alone.begin() as uow:
        old = await EventPolls(uow).lease(every=every, again_after=again, lasting=timedelta(seconds=1))
    assert old is not None
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() is not None
    async with alone.begin() as uow:
        await EventPolls(uow).progress(old, Position(old.begun, "event_of_long_ago"), timedelta(minutes=2))
        await EventPolls(uow).finished(old)
    row = await poll(alone)
    assert (row["reading_after"], row["leased_until"]) == (None, None)
    assert row["read_to"] > old.begun


async def test_an_odd_event_of_a_page_hides_no_other_and_stays_as_it_was_told(alone: Inbox) -> None:
    (connection, *_) = await linked(alone)
    event = connection_event_of(alone, connection)
    alone.stage.clock.advance(seconds=61)
    bad = {"id": "event_odd\ud83d", "event": "connection.deleted", "data": {"id": connection}}
    page = {"object": "list", "data": [bad, 7, event], "list_metadata": {"after": None}}
    alone.stage.twin.add_fault("GET /events", "json", status=200, body=page, times=1)
    assert await alone.catch_up() == 3
    await alone.work_off()
    row = await alone.row(event["id"])
    assert row["status"] == "done", row["last_error"]
    assert b"\\ud83d" in row["payload"], "as WorkOS told it"
    odd = await alone.stage.sql("select status, payload from webhook_events where event = 'unreadable'")
    assert [row["status"] for row in odd] == ["dead", "dead"]
    assert any(b"event_odd" in row["payload"] for row in odd)
    assert (await states(alone))[connection] == "inactive"


def connection_event_of(alone: Inbox, connection: str) -> dict[str, Any]:
    """Return the news that a connection with half an emoji in its name was switched off."""
    owner = alone.stage.twin.world.connections[connection].organization_id
    at = moment(alone.stage, 30)
    data = {
        "object": "connection",
        "id": connection,
        "organization_id": owner,
        "name": "Okta \ud83d",
        "state": "inactive",
    }
    return {"object": "event", "id": "event_01ODD", "event": "connection.deactivated", "data": data, "created_at": at}


async def test_what_is_lost_is_made_up_for_by_listings(alone: Inbox) -> None:
    (connection, *_) = await linked(alone)
    twin = alone.stage.twin
    owner = twin.world.connections[connection].organization_id
    assert owner is not None
    home = twin.add_directory(owner, "Lost Directory").id
    alone.stage.clock.advance(seconds=61)
    await alone.catch_up()
    await alone.work_off()
    wanted = "select sync_wanted_at from directories where workos_id = $1"
    ((before,),) = await alone.stage.sql(wanted, home)
    await alone.stage.sql("update event_polls set read_to = $1", alone.stage.clock.now() - timedelta(days=100))
    alone.stage.clock.advance(seconds=61)
    with logged("error") as log:
        assert await alone.catch_up() is not None
    assert len(log.of("webhooks.history.lost")) == 1
    ((after,),) = await alone.stage.sql(wanted, home)
    assert before != after
    assert abs((alone.stage.clock.now() - after).total_seconds()) < 1
    alone.stage.clock.advance(seconds=61)
    assert await alone.catch_up() is not None
    assert (await alone.stage.sql(wanted, home))[0][0] == after, "nothing is lost twice"
