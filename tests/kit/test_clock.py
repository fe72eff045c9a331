"""Clock: UTC, and agreeing with whom it is told to agree."""

from datetime import UTC, datetime, timedelta

from app.kit.clock import SystemClock


def test_now_is_utc_and_moves_on() -> None:
    clock = SystemClock()
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first


def test_clock_agrees_with_the_database() -> None:
    clock = SystemClock()
    theirs = datetime(2031, 1, 1, tzinfo=UTC)
    clock.agree_with(theirs)
    assert theirs <= clock.now() < theirs + timedelta(seconds=5)
    clock.agree_with(theirs - timedelta(days=1))
    assert clock.now() < theirs
