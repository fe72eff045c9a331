"""The breaker, as a table of what happens and what it lets through afterwards."""

import pytest

from app.workos.breaker import Breaker, BreakerLimits

LIMITS = BreakerLimits(failures=3, window=10, ratio=0.5, first_pause=1.0, longest_pause=4.0, longest_hold=60.0)


def play(breaker: Breaker, steps: str, now: float = 0.0) -> str:
    """Play calls that end well (`.`) or badly (`x`), all at one instant; return those that were let through."""
    made = ""
    for step in steps:
        ticket = breaker.admit(now)
        if ticket is None:
            break
        made += step
        breaker.succeeded(ticket) if step == "." else breaker.failed(ticket, now)
    return made


@pytest.mark.parametrize(
    ("steps", "made", "state"),
    [
        ("....", "....", "closed"),
        ("xx", "xx", "closed"),
        ("xxx.", "xxx", "open"),
        ("xx.xx.xx.", "xx.xx.xx.", "closed"),  # six of nine: the window is not full yet
        ("xx.xx.xx.x.", "xx.xx.xx.x", "open"),  # seven of ten
        (".x.x...x..", ".x.x...x..", "closed"),  # three of ten
        (".......xx......xx......", ".......xx......xx......", "closed"),
    ],
)
def test_when_it_opens(steps: str, made: str, state: str) -> None:
    breaker = Breaker(LIMITS)
    assert play(breaker, steps) == made
    assert breaker.state == state


def test_pauses_grow_to_their_longest() -> None:
    breaker = Breaker(LIMITS)
    play(breaker, "xxx")
    now, pauses = 0.0, list[float]()
    for _ in range(5):
        pauses.append(breaker.wait(now))
        now += pauses[-1]
        play(breaker, "x", now)
    assert pauses == [1.0, 2.0, 4.0, 4.0, 4.0]


def test_a_recovery_starts_over() -> None:
    breaker = Breaker(LIMITS)
    play(breaker, "xxx")
    play(breaker, "x", 1.0)
    play(breaker, ".", 3.0)
    assert breaker.state == "closed"
    play(breaker, "xxx", 3.0)
    assert breaker.wait(3.0) == 1.0


@pytest.mark.parametrize(("jitter", "pause"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_jitter_only_shortens(jitter: float, pause: float) -> None:
    breaker = Breaker(LIMITS, jitter=lambda: jitter)
    play(breaker, "xxx")
    assert breaker.wait(0.0) == pause


def test_one_call_at_a_time_finds_out() -> None:
    breaker = Breaker(LIMITS)
    play(breaker, "xxx")
    assert breaker.admit(0.99) is None
    probe = breaker.admit(1.0)
    assert probe is not None
    assert breaker.admit(1.0) is None
    assert breaker.wait(1.0) > 0
    breaker.succeeded(probe)
    assert breaker.admit(1.0) is not None
    assert breaker.admit(1.0) is not None


def test_a_probe_that_was_given_up_makes_room() -> None:
    breaker = Breaker(LIMITS)
    play(breaker, "xxx")
    probe = breaker.admit(1.0)
    assert probe is not None
    breaker.abandoned(probe)
    assert breaker.admit(1.0) is not None


def test_late_news_of_an_old_outage_is_no_news() -> None:
    breaker = Breaker(LIMITS)
    old = [breaker.admit(0.0) for _ in range(6)]
    play(breaker, "xxx")
    for ticket in old[:3]:
        assert ticket is not None
        breaker.failed(ticket, 0.9)
    assert breaker.wait(0.9) == pytest.approx(0.1)
    assert play(breaker, ".", 1.0) == "."
    for ticket in old[3:]:
        assert ticket is not None
        breaker.failed(ticket, 1.0)
    assert breaker.state == "closed"


def test_old_good_news_does_not_close_it() -> None:
    breaker = Breaker(LIMITS)
    old = breaker.admit(0.0)
    assert old is not None
    play(breaker, "xxx")
    breaker.succeeded(old)
    assert breaker.state == "open"


def test_old_good_news_does_not_end_the_finding_out() -> None:
    breaker = Breaker(LIMITS)
    old = breaker.admit(0.0)
    assert old is not None
    play(breaker, "xxx")
    breaker.admit(1.0)
    breaker.succeeded(old)
    assert breaker.state == "half_open"


@pytest.mark.parametrize(("asked", "kept"), [(7.0, 7.0), (0.5, 0.5), (3600.0, 60.0)])
def test_a_hold_is_kept_and_bounded(asked: float, kept: float) -> None:
    breaker = Breaker(LIMITS)
    breaker.hold(10.0, asked)
    assert breaker.wait(10.0) == kept
    assert breaker.admit(10.0 + kept - 0.01) is None
    assert breaker.admit(10.0 + kept) is not None


def test_a_shorter_hold_does_not_cut_a_longer_one() -> None:
    breaker = Breaker(LIMITS)
    breaker.hold(0.0, 7.0)
    breaker.hold(1.0, 1.0)
    assert breaker.wait(1.0) == 6.0


def test_the_defaults_recover_within_ten_seconds() -> None:
    limits = BreakerLimits()
    a_probe_that_times_out = 5.0
    assert limits.longest_pause + a_probe_that_times_out < 10
