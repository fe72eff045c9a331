"""Sightings: of several processes that tell late, the newest counts, and beginnings are kept."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from app.kit.sightings import Sighting, Sightings, merged

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def at(second: int) -> datetime:
    return NOON + timedelta(seconds=second)


class Watch:
    """A process that notices things at instants a test chooses."""

    def __init__(self) -> None:
        self.second = 0
        self.seen = Sightings(lambda: at(self.second))

    def note(self, story: str, start: int = 0, *, every: int = 1) -> Sighting | None:
        """Notice `+` as well and `-` as badly, one per `every` seconds from `start` on; ` ` is a pause."""
        for number, sign in enumerate(story):
            self.second = start + number * every
            if sign == "+":
                self.seen.well("api")
            elif sign == "-":
                self.seen.badly("api", f"at {self.second}")
        return next(iter(self.seen.take()), None)


def test_it_knows_since_when_it_goes_well_and_since_when_badly() -> None:
    assert Watch().note("+++") == Sighting("api", good_at=at(2), good_since=at(0))
    assert Watch().note("++--") == Sighting("api", at(1), None, at(2), at(3), 2, "at 3")
    assert Watch().note("--+") == Sighting("api", good_at=at(2), good_since=at(2))
    assert Watch().note("   ") is None


@pytest.mark.parametrize(
    ("story", "second", "lasts"),
    [("-", 120, False), ("--", 59, False), ("--", 60, True), ("---", 3, True), ("---+", 120, False), ("+", 120, False)],
)
def test_it_lasts_when_it_goes_badly_again_and_again(story: str, second: int, lasts: bool) -> None:  # noqa: FBT001
    found = Watch().note(story)
    assert found is not None
    assert found.lasts(at(second)) is lasts


def test_what_is_told_is_forgotten_and_what_could_not_be_told_is_not() -> None:
    watch = Watch()
    watch.seen.badly("api", "first")
    taken = watch.seen.take()
    assert list(watch.seen.take()) == []
    watch.second = 5
    watch.seen.badly("api", "second")
    watch.seen.give_back(taken)
    (found,) = watch.seen.take()
    assert (found.bad_since, found.bad_at, found.times, found.why) == (at(0), at(5), 2, "second")


def stored(story: str) -> Sighting:
    """Return what is kept when one process notices a story and tells of each second by itself."""
    watch, kept = Watch(), Sighting("api")
    for number, sign in enumerate(story):
        told = watch.note(sign, number)
        kept = merged(kept, told) if told else kept
    return kept


@pytest.mark.parametrize("story", ["".join(signs) for signs in itertools.product("+-", repeat=5)])
def test_told_bit_by_bit_or_at_once_is_the_same(story: str) -> None:
    at_once = Watch().note(story)
    assert at_once is not None
    kept = stored(story)
    assert (kept.bad, kept.bad_since, kept.bad_at, kept.times) == (
        at_once.bad, at_once.bad_since, at_once.bad_at, at_once.times,
    )  # fmt: skip
    assert kept.good_at == at_once.good_at
    assert kept.good_since == at_once.good_since


@pytest.mark.parametrize(
    ("one", "other"), [(a, b) for a in ("+--+", "--", "++--", " -+ ") for b in ("+ +", "- -", " +-")]
)
def test_the_order_in_which_two_processes_tell_does_not_matter(one: str, other: str) -> None:
    first, second = Watch().note(one, 0, every=2), Watch().note(other, 1, every=2)
    assert first
    assert second
    assert merged(first, second) == merged(second, first)


def test_a_late_telling_of_old_trouble_changes_nothing() -> None:
    trouble, now = Watch().note("--"), Watch().note("+", 60)
    assert trouble
    assert now
    assert merged(now, trouble) == Sighting("api", good_at=at(60), good_since=at(60))


def test_trouble_that_began_before_another_process_was_answered_begins_after_it() -> None:
    trouble, answered = Watch().note("----", 0), Watch().note("+", 2)
    assert trouble
    assert answered
    found = merged(trouble, answered)
    assert (found.bad_since, found.bad_at) == (at(3), at(3))
