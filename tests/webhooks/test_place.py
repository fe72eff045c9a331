"""Where a process looks through the inbox: not again at what it has applied, yet at everything within two seconds."""

from datetime import UTC, datetime, timedelta

import pytest

from app.db.driver import fetch_one
from app.webhooks import jobs
from app.webhooks.place import Place
from app.webhooks.repository import Inbox as Events
from app.webhooks.repository import Outcome
from tests.databases import connected
from tests.deliveries import Inbox, an_event

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
READ = (
    "select pg_stat_get_xact_tuples_returned('ix_webhook_events_due'::regclass)"
    " + pg_stat_get_xact_tuples_returned('ix_webhook_events_stream'::regclass) as read"
)
APPLIED = 200
MANY = """
insert into webhook_events (id, event_id, event, payload, source, status, received_at, due_at, stream, attempts)
select gen_random_uuid(), 'many_' || n, 'dsync.user.updated', repeat('x', 500)::bytea, 'webhook', 'pending',
       now() - interval '1 hour', now() - interval '1 hour', 'many', 0 from generate_series(1, 3000) as n
"""


def test_the_first_look_is_from_the_beginning_and_so_is_one_every_two_seconds() -> None:
    place = Place()
    assert place.since(NOW).year == 1970
    place.reach([NOW, NOW + timedelta(seconds=5)])
    assert place.since(NOW + timedelta(seconds=1.9)) == NOW - timedelta(seconds=1)
    assert place.since(NOW + timedelta(seconds=2)).year == 1970
    assert place.since(NOW + timedelta(seconds=2.1)) == NOW - timedelta(seconds=1)


def test_what_was_passed_over_is_followed_by_what_is_behind_it() -> None:
    place = Place()
    place.since(NOW)
    place.reach([NOW])
    place.reach([NOW - timedelta(minutes=1)])
    assert place.since(NOW) == NOW - timedelta(minutes=1, seconds=1)
    place.reach([])
    assert place.since(NOW) == NOW - timedelta(minutes=1, seconds=1)


def test_a_clock_that_was_set_back_hides_nothing() -> None:
    """After a failover to a server whose clock is behind, what comes is due before all that was applied."""
    place = Place()
    place.since(NOW)
    place.reach([NOW])
    assert place.since(NOW - timedelta(minutes=1)).year == 1970


async def read_by_a_look(alone: Inbox, place: Place) -> int:
    """Return how many entries of the queue's index one look reads that finds nothing."""
    async with alone.begin() as uow:
        before = await fetch_one(uow.driver, READ)
        assert await Events(uow).take(jobs.AT_ONCE, place) == []
        after = await fetch_one(uow.driver, READ)
        assert before is not None
        assert after is not None
        return int(after["read"] - before["read"])


@pytest.fixture
def place() -> Place:
    return Place()


async def test_under_a_long_reader_a_look_does_not_read_again_what_was_applied(alone: Inbox, place: Place) -> None:
    async with connected(alone.stage.database) as reader:
        # A connection of the tests' own kind would be ended after ten idle seconds, and its snapshot with it.
        await reader.execute("set idle_in_transaction_session_timeout = 0")
        await reader.execute("begin isolation level repeatable read")
        await reader.fetchval("select count(*) from webhook_events")
        for _ in range(APPLIED):
            await alone.deliver(an_event())
        while await jobs.apply_next(alone.begin, None, place):
            continue
        alone.stage.clock.advance(seconds=1.5)
        await alone.applied(last := an_event())
        place.reach([(await alone.row(last["id"]))["received_at"]])
        assert await read_by_a_look(alone, place) <= 5
        assert await read_by_a_look(alone, Place()) >= APPLIED, "from the beginning it does: nothing was cleared away"


async def test_under_a_long_reader_settling_an_event_reads_no_other(alone: Inbox) -> None:
    async with connected(alone.stage.database) as reader, connected(alone.stage.database) as owner:
        await reader.execute("set idle_in_transaction_session_timeout = 0")
        await reader.execute("begin isolation level repeatable read")
        await reader.fetchval("select count(*) from webhook_events")
        await owner.execute(MANY)
        await owner.execute("update webhook_events set status = 'done' where event_id like 'many_%'")
        await owner.execute("analyze webhook_events")  # as PostgreSQL does by itself: nothing is pending, it finds
        await alone.deliver(an_event())
        async with alone.begin() as uow:
            # What a busy connection has come to by itself.
            await fetch_one(uow.driver, "select set_config('plan_cache_mode', 'force_generic_plan', true)")
            (claimed,) = await Events(uow).take(jobs.AT_ONCE, Place())
            before = await fetch_one(uow.driver, READ)
            await Events(uow).settle([(claimed, Outcome("skipped"))])
            after = await fetch_one(uow.driver, READ)
    assert before is not None
    assert after is not None
    assert after["read"] - before["read"] <= 5


async def test_what_was_committed_late_is_found_by_the_next_look_at_everything(alone: Inbox, place: Place) -> None:
    await alone.deliver(late := an_event())
    place.since(alone.stage.clock.now())
    place.reach([alone.stage.clock.now() + timedelta(seconds=5)])
    assert not await jobs.apply_next(alone.begin, None, place)
    alone.stage.clock.advance(seconds=2)
    assert await jobs.apply_next(alone.begin, None, place)
    assert (await alone.row(late["id"]))["status"] == "skipped"


async def test_a_release_that_names_no_place_is_served_as_before(alone: Inbox) -> None:
    """Processes of the release before go on while this one is rolled out."""
    await alone.deliver(one := an_event())
    async with alone.begin() as uow:
        row = await fetch_one(uow.driver, "select event_id from inbox_take($1, $2)", uow.now, 10)
    assert row is not None
    assert row["event_id"] == one["id"]
