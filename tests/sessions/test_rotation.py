"""Rotation: what is due for which key, as a table."""

from datetime import UTC, datetime, timedelta

import pytest

from app.sessions.rotation import ACTIVE_FOR, PUBLISHED_AFTER_USE, PUBLISHED_BEFORE_USE, KeyRow, Move, due
from app.tokens.signing_key import Algorithm

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=1)
LATER = PUBLISHED_BEFORE_USE


def key(
    kid: str, status: str, *, created: timedelta = LATER, since: timedelta = timedelta(), alg: Algorithm = "ES256"
) -> KeyRow:
    """Return a key made `created` ago, in its status for `since`."""
    activated = NOW - since if status == "active" else NOW - since - ACTIVE_FOR if status == "retiring" else None
    retiring = NOW - since if status == "retiring" else None
    return KeyRow(kid, alg, status, NOW - created, activated, retiring)


ACTIVE, OLD = key("a", "active"), key("a", "active", since=ACTIVE_FOR)
READY, FRESH = key("n", "next"), key("n", "next", created=LATER - MOMENT)
PUBLISH, ACTIVATE, RETIRE = Move("publish", "ES256"), Move("activate", "ES256", "n"), Move("retire", "ES256", "r")
MAKE = Move("activate", "ES256", None)

TABLE: dict[str, tuple[list[KeyRow], list[Move]]] = {
    "a new database": ([], [MAKE, PUBLISH]),
    "nothing due": ([ACTIVE, READY], []),
    "active until its last moment": ([key("a", "active", since=ACTIVE_FOR - MOMENT), READY], []),
    "active long enough": ([OLD, READY], [ACTIVATE, PUBLISH]),
    "the next one was not seen yet by verifiers": ([OLD, FRESH], []),
    "no next one": ([ACTIVE], [PUBLISH]),
    "no next one, and due": ([OLD], [PUBLISH]),
    "no active one: an unseen key is better than none": ([FRESH], [ACTIVATE, PUBLISH]),
    "no active one, nothing published": ([key("r", "retiring", since=MOMENT)], [MAKE, PUBLISH]),
    "retiring until its last moment": (
        [ACTIVE, READY, key("r", "retiring", since=PUBLISHED_AFTER_USE - MOMENT)],
        [],
    ),
    "retiring long enough": ([ACTIVE, READY, key("r", "retiring", since=PUBLISHED_AFTER_USE)], [RETIRE]),
    "all at once, the oldest next one first": (
        [key("r", "retiring", since=PUBLISHED_AFTER_USE), OLD, key("m", "next", created=LATER + MOMENT), READY],
        [RETIRE, Move("activate", "ES256", "m")],
    ),
    "dead keys need nothing": ([ACTIVE, READY, key("x", "retired"), key("y", "compromised")], []),
    "the next key is of the active one's algorithm": (
        [key("b", "active", alg="RS256", since=ACTIVE_FOR), key("o", "next", alg="RS256")],
        [Move("activate", "RS256", "o"), Move("publish", "RS256")],
    ),
    "a next key of another algorithm waits for an operator": ([ACTIVE, READY, key("o", "next", alg="RS256")], []),
    "and goes when one of the same algorithm takes over": (
        [OLD, READY, key("o", "next", alg="RS256")],
        [ACTIVATE, Move("retire", "RS256", "o"), PUBLISH],
    ),
}


@pytest.mark.parametrize(("keys", "moves"), TABLE.values(), ids=TABLE)
def test_what_is_due(keys: list[KeyRow], moves: list[Move]) -> None:
    assert due(keys, NOW) == moves
    assert due(list(reversed(keys)), NOW) == moves, "the order of the rows decides nothing"


@pytest.mark.parametrize(
    ("keys", "moves"),
    [
        ([ACTIVE, READY], [ACTIVATE, PUBLISH]),
        ([ACTIVE, FRESH], []),  # even at once, verifiers must have had a chance to read it
        ([ACTIVE], [PUBLISH]),
        ([], [MAKE, PUBLISH]),
    ],
)
def test_at_once(keys: list[KeyRow], moves: list[Move]) -> None:
    assert due(keys, NOW, at_once=True) == moves


def test_other_algorithm_is_published_a_day_before_it_signs() -> None:
    asked = [Move("publish", "RS256")]
    assert due([ACTIVE, READY], NOW, alg="RS256", at_once=True) == asked
    unseen, seen = (key("o", "next", created=LATER - since, alg="RS256") for since in (MOMENT, timedelta()))
    assert due([ACTIVE, READY, unseen], NOW, alg="RS256", at_once=True) == []
    assert due([ACTIVE, READY, seen], NOW, alg="RS256", at_once=True) == [
        Move("activate", "RS256", "o"),
        Move("retire", "ES256", "n"),
        *asked,
    ]


def test_overlaps_are_longer_than_any_cache_or_token() -> None:
    """Twice what the JWKS may be cached, plus a minute, before use; a token's life, leeway and that cache after it."""
    assert timedelta(seconds=2 * 300 + 60) <= PUBLISHED_BEFORE_USE
    assert timedelta(seconds=900 + 30 + 300) <= PUBLISHED_AFTER_USE
    assert max(PUBLISHED_BEFORE_USE, PUBLISHED_AFTER_USE) < ACTIVE_FOR


def test_a_hundred_days_by_the_clock() -> None:
    """Applied every five minutes, one key is always active, and none is used that was not published a day before."""
    rows: dict[str, KeyRow] = {}
    now, numbers = NOW, iter(range(1_000))
    uses: list[str] = []
    for _ in range(100 * 24):
        for move in due(list(rows.values()), now):
            apply(rows, move, now, next(numbers))
        active = [row for row in rows.values() if row.status == "active"]
        assert len(active) == 1
        assert len(uses) < 2 or now - active[0].created_at >= PUBLISHED_BEFORE_USE or active[0].kid == uses[0]
        uses += [active[0].kid] if active[0].kid not in uses else []
        now += timedelta(hours=1)
    assert len(uses) == 4


def apply(rows: dict[str, KeyRow], move: Move, now: datetime, number: int) -> None:
    """Do one step as app/sessions/keys.py does it."""
    kid = move.kid or f"k{number}"
    match move.step:
        case "publish":
            rows[kid] = KeyRow(kid, "ES256", "next", now, None, None)
        case "activate":
            for row in [row for row in rows.values() if row.status == "active"]:
                rows[row.kid] = KeyRow(row.kid, "ES256", "retiring", row.created_at, row.activated_at, now)
            created = rows[kid].created_at if kid in rows else now
            rows[kid] = KeyRow(kid, "ES256", "active", created, now, None)
        case "retire":
            del rows[kid]
