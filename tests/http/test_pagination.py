"""Pagination: cursors of this list and this tenant only, and neighbours told only where there are some."""

import json
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, Literal
from uuid import UUID

import pytest

from app.db.repository import PageRequest, Slice
from app.http.pagination import PageQuery, list_answer
from app.kit.cursors import Cursors
from app.problems import Invalid

CURSORS = Cursors(bytes(range(32)))
MINE, THEIRS = "organizations|1", "organizations|2"
KEY = UUID(int=7)


def cursor(*values: Any, bound_to: str = MINE) -> str:  # noqa: ANN401 -- any value a cursor holds
    return CURSORS.encode(values or (KEY,), bound_to=bound_to)


def asked(
    after: str | None = None, before: str | None = None, order: Literal["asc", "desc"] = "desc"
) -> PageRequest[UUID]:
    return PageQuery(limit=10, after=after, before=before, order=order).request(CURSORS, bound_to=MINE)


def test_a_cursor_of_this_list_is_its_key() -> None:
    assert asked() == PageRequest(limit=10)
    assert asked(after=cursor()) == PageRequest(limit=10, after=KEY)
    assert asked(before=cursor(), order="asc") == PageRequest(limit=10, before=KEY, order="asc")
    assert asked(after="", before=cursor()) == PageRequest(limit=10, before=KEY)


@pytest.mark.parametrize(
    "text",
    [
        cursor(bound_to=THEIRS),
        cursor(bound_to="connections|1"),
        Cursors(bytes(32)).encode((KEY,), bound_to=MINE),
        cursor() + "A",
        cursor()[:-1],
        cursor()[4:],
        cursor().swapcase(),
        cursor("7"),
        cursor(7),
        cursor(KEY, KEY),
        str(KEY),
        "\u00e9",
        " ",
    ],
)
@pytest.mark.parametrize("side", ["after", "before"])
def test_any_other_cursor_is_refused(side: str, text: str) -> None:
    after, before = (text, None) if side == "after" else (None, text)
    with pytest.raises(Invalid, match="not one of this list"):
        asked(after=after, before=before)


def test_both_cursors_are_one_too_many() -> None:
    with pytest.raises(Invalid, match="not both"):
        asked(after=cursor(), before=cursor())


def test_every_changed_character_of_a_cursor_is_noticed() -> None:
    good = cursor()
    for place, letter in enumerate(good):
        harmed = good[:place] + ("B" if letter == "A" else "A") + good[place + 1 :]
        with pytest.raises(Invalid):
            asked(after=harmed)


def listed(numbers: Sequence[int], *, has_before: bool, has_after: bool) -> dict[str, Any]:
    """Return the list that these rows are answered with."""
    rows = [SimpleNamespace(id=UUID(int=number)) for number in numbers]
    found = Slice(rows, has_before=has_before, has_after=has_after)
    answer = list_answer(found, lambda row: {"id": row.id.int}, CURSORS, bound_to=MINE)
    assert answer.status == 200
    shown: dict[str, Any] = json.loads(answer.body)
    return shown


@pytest.mark.parametrize(
    ("numbers", "has_before", "has_after", "before", "after"),
    [
        ([3, 2, 1], False, False, None, None),
        ([3, 2, 1], True, False, 3, None),
        ([3, 2, 1], False, True, None, 1),
        ([3, 2, 1], True, True, 3, 1),
        ([5], True, True, 5, 5),
        ([], False, False, None, None),
        ([], True, True, None, None),
    ],
)
def test_the_envelope_names_the_neighbours_there_are(
    numbers: list[int],
    has_before: bool,  # noqa: FBT001 -- pytest passes it
    has_after: bool,  # noqa: FBT001 -- as above
    before: int | None,
    after: int | None,
) -> None:
    assert listed(numbers, has_before=has_before, has_after=has_after) == {
        "object": "list",
        "data": [{"id": number} for number in numbers],
        "list_metadata": {
            "before": None if before is None else cursor(UUID(int=before)),
            "after": None if after is None else cursor(UUID(int=after)),
        },
    }
