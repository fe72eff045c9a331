"""Bodies: an odd value is shown and finds nothing; what is no object is refused, and nothing is raised but that."""

import json
from typing import Any, cast

import pytest

from app.workos import events, fields, payloads, shapes
from app.workos.bodies import Unreadable, encode, json_events, json_members, json_object, json_tolerant
from app.workos.fields import Mismatch, Object, Odd
from app.workos.records import Event
from tests.workos.answers import a_connection_answer, a_directory_user_answer, an_event_answer

GOOD = b'{"id": "event_2", "event": "dsync.user.created", "data": {"name": "Zo\\u00eb \\ud83d\\ude00"}}'
ODD = {
    "nul": (b'"a\\u0000b"', "a\ufffdb"),
    "half an emoji": (b'"a\\ud83d"', "a\ufffd"),
    "the other half": (b'"\\ude00b"', "\ufffdb"),
    "half an emoji, unescaped": (b'"a\xed\xa0\xbd"', "a\ufffd"),
    "a number beyond all": (b"1e400", "\ufffd"),
    "a number of 200,000 digits": (b"9" * 200_000, "\ufffd"),
    "not a number": (b"NaN", "\ufffd"),
    "infinity": (b"-Infinity", "\ufffd"),
}
DEEP = {"1,500 deep": 1_500, "100,000 deep": 100_000}
odd_values = pytest.mark.parametrize(("odd", "shown"), ODD.values(), ids=ODD)
# Where something odd stands that a removal does not need; %b is in no id.
REMOVALS = {
    "dsync.user.deleted": b'{"id": "u", "directory_id": "d", "first_name": %b, "custom_attributes": {"a": [%b]}}',
    "dsync.group.deleted": b'{"id": "g", "directory_id": "d", "name": %b, "raw_attributes": %b}',
    "dsync.group.user_removed": b'{"directory_id": "d", "user": {"id": "u", "first_name": %b}, "group": {"id": "g",'
    b' "name": %b}}',
    "dsync.deleted": b'{"id": "d", "name": %b, "organization_id": "o", "domains": [{"domain": %b}]}',
    "connection.deactivated": b'{"id": "c", "name": %b, "organization_id": "o", "domains": [%b]}',
    "connection.deleted": b'{"id": "c", "name": %b, "organization_id": "o", "created_at": %b}',
    "organization.deleted": b'{"id": "o", "name": %b, "domains": [%b]}',
    "organization_domain.deleted": b'{"id": "d", "domain": %b, "state": %b, "organization_id": "o"}',
}


def an_event(kind: str, data: bytes) -> bytes:
    return b'{"id": "event_1", "event": "%b", "data": %b}' % (kind.encode(), data)


@odd_values
def test_an_odd_value_is_shown_as_replaced(odd: bytes, shown: str) -> None:
    value: dict[str, Any] = dict(json_tolerant(b'{"list": [{"name": %b}], "good": "Zo\xc3\xab", "n": 7}' % odd))
    assert value == {"list": [{"name": shown}], "good": "Zo\u00eb", "n": 7}
    told = value["list"][0]
    assert isinstance(told["name"], Odd)
    assert fields.name_or_none(told, "name") == shown
    for reader in (fields.key, fields.text, fields.word, fields.key_or_none, fields.instant):
        with pytest.raises(Mismatch):
            reader(told, "name")
    assert (fields.hint(told, "name"), fields.whole_number_or_none(told, "name")) == (None, None)
    assert type(fields.free(told)["name"]) is str
    with pytest.raises(Mismatch):
        fields.texts({"groups": [told["name"]]}, "groups")


@odd_values
@pytest.mark.parametrize("kind", REMOVALS)
def test_what_takes_away_is_read_whatever_is_odd_beside_its_ids(kind: str, odd: bytes, shown: str) -> None:  # noqa: ARG001 -- of the table
    payload = events.read(events.parse(an_event(kind, REMOVALS[kind] % (odd, odd))))
    assert not isinstance(payload, payloads.Unknown)


@odd_values
@pytest.mark.parametrize("kind", REMOVALS)
def test_an_odd_id_is_a_mismatch(kind: str, odd: bytes, shown: str) -> None:  # noqa: ARG001 -- as above
    broken = (REMOVALS[kind] % (b"1", b"1")).replace(b'"id": "', b'"id": %b, "was": "' % odd)
    event = events.parse(an_event(kind, broken))
    with pytest.raises(Mismatch, match="id"):
        events.read(event)


def test_what_gives_access_keeps_no_odd_key() -> None:
    def told(**changes: object) -> Event:
        data = a_directory_user_answer(**changes)
        return events.parse(json.dumps(an_event_answer(event="dsync.user.created", data=data)).encode())

    read = events.read(told(first_name="Ada \ud83d", custom_attributes={"team\ud83d": ["\ud83d", 1]}))
    assert isinstance(read, payloads.UserChanged)
    assert read.user.attributes["first_name"] == "Ada \ufffd"
    assert json.dumps(read.user.custom_attributes) == json.dumps({"team\ufffd": ["\ufffd", 1]})
    assert type(next(iter(read.user.custom_attributes))) is str
    assert type(read.user.attributes["first_name"]) is str
    for field in ("email", "username", "idp_id", "organization_id"):
        with pytest.raises(Mismatch, match=field):
            events.read(told(**{field: "a\ud83d"}))


def test_a_connections_name_is_only_shown() -> None:
    told = {**a_connection_answer(), "name": Odd.of("Okta \ufffd", "Okta \ud83d")}
    assert type(shapes.connection(told).name) is str


def data_of(page: bytes) -> list[Any]:
    """Return a page's entries."""
    data: Any = json_events(page)["data"]
    return list(data)


@odd_values
def test_one_odd_event_does_not_hide_the_others(odd: bytes, shown: str) -> None:
    page = b'{"object": "list", "data": [{"id": "event_1", "event": "x", "data": {"name": [%b]}}, %b, 7]}' % (odd, GOOD)
    first, second, third = data_of(page)
    assert first == {"id": "event_1", "event": "x", "data": {"name": [shown]}}
    assert second["data"]["name"] == "Zo\u00eb \U0001f600"
    assert third == {}
    # Kept as WorkOS told it, so that an odd id does not pass for a good one when it is read again.
    again = json_tolerant(encode(first))
    assert again == first
    assert isinstance(again["data"]["name"][0], Odd)  # type: ignore[index]  # as above
    assert json.loads(encode(second)) == second


@odd_values
def test_odd_beside_the_events_is_no_cursor(odd: bytes, shown: str) -> None:  # noqa: ARG001 -- as above
    answer = json_events(b'{"object": "list", "data": [{}], "list_metadata": {"after": %b}}' % odd)
    with pytest.raises(Mismatch, match="after"):
        shapes.page(answer, shapes.event_or_broken, after=None)
    with pytest.raises(Unreadable):  # what people sign in with is read strictly
        json_object(b'{"name": %b}' % odd)


@pytest.mark.parametrize("depth", DEEP.values(), ids=DEEP)
@pytest.mark.parametrize("odd", [b"1", b'"\\ud83d"', b'"\\u0000"', b"NaN"])
def test_what_is_nested_too_deeply_is_refused(depth: int, odd: bytes) -> None:
    body = b'{"data": [{"id": "event_1", "event": "x", "data": %b%b%b}]}' % (b"[" * depth, odd, b"]" * depth)
    for read in (json_object, json_tolerant, json_events):
        with pytest.raises(Unreadable):
            read(body)


@pytest.mark.parametrize("depth", range(300, 1_000, 25))
def test_almost_too_deep_is_read_or_refused(depth: int) -> None:
    deep = b'{"id": "event_1", "event": "x", "data": %b"\\ud83d"%b}' % (b"[" * depth, b"]" * depth)
    try:
        first, second = data_of(b'{"data": [%b, %b]}' % (deep, GOOD))
    except Unreadable:
        return
    assert second["id"] == "event_2"
    assert first == {} or json.loads(encode(first))["id"] == "event_1"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b'{"data": nan}', b"\xff", "{}".encode("utf-16")])
def test_what_is_no_page_is_refused(body: bytes) -> None:
    for read in (json_events, json_tolerant, json_object):
        with pytest.raises(Unreadable):
            read(body)


def test_one_odd_value_makes_nobody_elses_depth_a_fault() -> None:
    deep: object = "leaf"
    for _ in range(450):
        deep = [deep]
    body = json.dumps({"data": [{"first_name": "a\0"}, {"custom_attributes": {"deep": deep}}]}).encode()
    _, other = cast("list[dict[str, Any]]", json_tolerant(body)["data"])
    assert fields.free(other["custom_attributes"]) is other["custom_attributes"]


def test_a_membership_tells_nothing_odd_of_its_person() -> None:
    user = {"id": "u1", "state": "active", "department": "x\0y"}
    data = {"directory_id": "directory_1", "user": user, "group": {"id": "g1", "name": "G"}}
    told = {"id": "event_1", "event": "dsync.group.user_added", "data": data}
    found = events.read(shapes.event(json_tolerant(json.dumps(told).encode())))
    assert isinstance(found, payloads.MembershipChanged)
    assert found.user is not None
    assert type(found.user.attributes["department"]) is str


@pytest.mark.parametrize(
    "body",
    [
        b'{"object":"list","data":[{"id":"u1","directory_id":"d","email":"a"}],"list_metadata":{"after":null}}',
        b'{"object":"list","data":[{"id":"u\\u0000","directory_id":"d"}],"list_metadata":{"after":null}}',
        b'{"object":"list","data":[{"id":"u1","directory_id":"d","first_name":"\\ud83d"}],"list_metadata":{"after":null}}',
        b'{"object":"list","data":[{"id":5,"directory_id":"d"}],"list_metadata":{"after":null}}',
        b'{"object":"list","data":[7],"list_metadata":{"after":null}}',
        b'{"object":"list","data":null,"list_metadata":{"after":null}}',
        b'{"object":"list","data":[{"directory_id":"d"}],"list_metadata":{"after":"u1"}}',
        b'{"object":"list"}',
        b'{"data":[]}',
    ],
)
def test_members_are_read_as_anybody_is(body: bytes) -> None:
    """What skips the rest of a person must find the same people as what reads all of them."""
    told = [_members_of(read(body)) for read in (json_members, json_tolerant)]
    assert told[0] == told[1]


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"data":[', b"[" * 100_000, b'\xff{"data":[]}'])
def test_a_page_of_members_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        json_members(body)


def _members_of(answer: Object) -> object:
    try:
        return shapes.page(answer, shapes.member, after=None)
    except Mismatch as mismatch:
        return mismatch.field
