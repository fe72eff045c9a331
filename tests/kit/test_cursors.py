"""Cursors: only the listing that gave a cursor out takes it back."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit import base64url
from app.kit.cursors import MAX_CHARACTERS, CursorInvalid, Cursors, CursorValue

SECRET = bytes(range(32))
CURSORS = Cursors(SECRET)
HERE = "org-1|directory_users|email"
ID = UUID("01900000-0000-7000-8000-000000000001")
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=45)), timezone(timedelta(hours=-11, seconds=7))])

TEXT = 'aZ09 |:,"\\\0\n\x7féß€\u2028\U0001f511'
values = st.one_of(
    st.text(TEXT, max_size=40),
    st.integers(),
    st.uuids(),
    st.datetimes(timezones=ZONES),
)
quick = settings(max_examples=80, database=None, deadline=None)


@quick
@given(row=st.lists(values, max_size=5).map(tuple), bound_to=st.text(TEXT, max_size=40))
def test_values_come_back_as_they_were(row: tuple[CursorValue, ...], bound_to: str) -> None:
    back = CURSORS.decode(CURSORS.encode(row, bound_to=bound_to), bound_to=bound_to)
    assert back == row
    assert [type(value) for value in back] == [type(value) for value in row]


@quick
@given(at=st.integers(0, 200), other=st.sampled_from("ABCxyz019-_=+ .é"))
def test_any_change_is_refused(at: int, other: str) -> None:
    cursor = CURSORS.encode(("zoë@example.com", ID), bound_to=HERE)
    at %= len(cursor)
    changed = cursor[:at] + other + cursor[at + 1 :]
    if changed != cursor:
        with pytest.raises(CursorInvalid):
            CURSORS.decode(changed, bound_to=HERE)


@pytest.mark.parametrize("elsewhere", ["org-2|directory_users|email", "org-1|directory_users|name", "", HERE + " "])
def test_cursor_of_another_tenant_or_listing_is_refused(elsewhere: str) -> None:
    cursor = CURSORS.encode((ID,), bound_to=HERE)
    assert CURSORS.decode(cursor, bound_to=HERE) == (ID,)
    with pytest.raises(CursorInvalid):
        CURSORS.decode(cursor, bound_to=elsewhere)


def test_cursor_of_another_deployment_is_refused() -> None:
    with pytest.raises(CursorInvalid):
        Cursors(bytes(32)).decode(CURSORS.encode((ID,), bound_to=HERE), bound_to=HERE)


def test_while_the_secret_changes_the_other_ones_cursors_are_taken() -> None:
    other = bytes(range(1, 33))
    before, after = Cursors(SECRET, other), Cursors(other, SECRET)
    for one, another in ((before, after), (after, before), (CURSORS, after)):
        assert another.decode(one.encode((ID,), bound_to=HERE), bound_to=HERE) == (ID,)
    with pytest.raises(CursorInvalid):
        CURSORS.decode(after.encode((ID,), bound_to=HERE), bound_to=HERE)


def test_text_cannot_move_between_listing_and_values() -> None:
    payload = base64url.decode(CURSORS.encode(("a",), bound_to=HERE))
    mac, rest = payload[:16], payload[16:]
    with pytest.raises(CursorInvalid):
        CURSORS.decode(base64url.encode(mac + rest[1:]), bound_to=HERE + rest[:1].decode())


@pytest.mark.parametrize(
    "text", ["", "A", "x" * 21, "A" * 24, "=" * 8, "é", "\ud800", "A" * MAX_CHARACTERS, "A" * 1_000_000, "null"]
)
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid):
        CURSORS.decode(text, bound_to=HERE)


def test_oversized_cursor_is_not_even_decoded() -> None:
    with pytest.raises(CursorInvalid, match="too long"):
        CURSORS.decode("A" * (MAX_CHARACTERS + 1), bound_to=HERE)


def test_cut_off_cursor_is_refused_at_every_length() -> None:
    cursor = CURSORS.encode(("a", 7, datetime(2026, 5, 4, tzinfo=UTC)), bound_to=HERE)
    for length in range(len(cursor)):
        with pytest.raises(CursorInvalid):
            CURSORS.decode(cursor[:length], bound_to=HERE)


def test_what_could_not_come_back_is_not_given_out() -> None:
    with pytest.raises(ValueError, match="too long"):
        CURSORS.encode(("x" * MAX_CHARACTERS,), bound_to=HERE)
    with pytest.raises(ValueError, match="naive"):
        CURSORS.encode((datetime(2026, 5, 4),), bound_to=HERE)  # noqa: DTZ001 -- the mistake under test
    with pytest.raises(TypeError):
        CURSORS.encode((True,), bound_to=HERE)
    with pytest.raises(ValueError, match="secret"):
        Cursors(b"short")


def test_longest_value_still_fits() -> None:
    """An e-mail address has at most 254 characters, a name a few hundred of up to four bytes each."""
    row = ("\U0001f511" * 500, ID)
    assert CURSORS.decode(CURSORS.encode(row, bound_to=HERE), bound_to=HERE) == row
