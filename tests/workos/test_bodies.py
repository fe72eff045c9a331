"""Bodies: one odd entry of a page of events is broken alone; a page that is none is refused."""

import pytest

from app.workos.bodies import Unreadable, json_events, json_object

GOOD = b'{"id": "event_2", "event": "dsync.user.created", "data": {"name": "Zo\\u00eb \\ud83d\\ude00"}}'
ODD = {
    "nul": b'"a\\u0000b"',
    "half an emoji": b'"a\\ud83d"',
    "the other half": b'"\\ude00"',
    "a number beyond all": b"1e400",
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_one_odd_event_does_not_hide_the_others(odd: bytes) -> None:
    page = b'{"object": "list", "data": [{"id": "event_1", "event": "x", "data": {"name": [%b]}}, %b]}' % (odd, GOOD)
    first, second = json_events(page)["data"]  # type: ignore[misc]  # a list, as written above
    assert first == {"id": "event_1", "event": "x"}
    assert second["data"]["name"] == "Zo\u00eb \U0001f600"


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
def test_odd_beside_the_events_refuses_the_page(odd: bytes) -> None:
    with pytest.raises(Unreadable):
        json_events(b'{"data": [], "list_metadata": {"after": %b}}' % odd)
    with pytest.raises(Unreadable):
        json_object(b'{"name": %b}' % odd)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'{"data": NaN}', b"\xff"])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        json_events(body)
