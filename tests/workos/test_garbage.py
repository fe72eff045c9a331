"""Nonsense from WorkOS is refused whole (threats.md A19, E7): never half used, never an empty list, never a crash."""

import json
from contextlib import nullcontext
from typing import Any

import httpx
import pytest
import structlog

from app.workos.calls import Limits
from app.workos.client import WorkOSClient
from app.workos.errors import UpstreamInvalidResponse
from tests.workos.answers import (
    a_connection_answer,
    a_directory_answer,
    a_directory_group_answer,
    a_directory_user_answer,
    a_list,
    a_profile_answer,
    an_event_answer,
)
from tests.workos.conftest import Connect
from tests.workos.upstream import Upstream, answering, answering_json, http


def profile_with(**changes: Any) -> bytes:  # noqa: ANN401 -- any field, of any type
    return json.dumps(a_profile_answer(**changes)).encode()


def profile_without(field: str) -> bytes:
    answer = a_profile_answer()
    del answer["profile"][field]
    return json.dumps(answer).encode()


NOT_JSON: dict[str, bytes] = {
    "html": http(200, b"<html><body>502 Bad Gateway</body></html>", content_type="text/html"),
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "empty body": http(200),
    "invalid utf-8": http(200, b'{"profile":{"id":"\xff\xfe"}}'),
    "truncated": http(200, profile_with()[:-20]),
    "two documents": http(200, profile_with() + b"{}"),
    "deep": http(200, b'{"profile":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "not a number": http(200, b'{"profile":NaN}'),
    "byte order mark": http(200, b"\xef\xbb\xbf" + profile_with()),
    "compressed": http(200, b"\x1f\x8b\x08\x00", "content-encoding: gzip"),
    "not http": b"SSH-2.0-OpenSSH_9.9\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n{}    ",
    "length and chunks": http(200, b"2\r\n{}\r\n0\r\n\r\n", "transfer-encoding: chunked"),
    "a megabyte": http(200, profile_with(custom_attributes={"x": "y" * 1_000_000})),
    "endless head": b"HTTP/1.1 200 OK\r\n" + b"x-filler: y\r\n" * 200_000,
    "switching protocols": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
}

NOT_A_PROFILE: dict[str, bytes] = {
    "empty object": b"{}",
    "array": b"[]",
    "string": b'"Ratelimited"',
    "null": b"null",
    "null profile": b'{"profile":null}',
    "array profile": b'{"profile":[]}',
    "number for email": profile_with(email=42),
    "object for email": profile_with(email={"value": "ada@acme.example"}),
    "number for id": profile_with(id=1),
    "empty id": profile_with(id=""),
    "no id": profile_without("id"),
    "no connection": profile_without("connection_id"),
    "no idp id": profile_without("idp_id"),
    "number for organization": profile_with(organization_id=7),
    "string for groups": profile_with(groups="MemberPulse Admins"),
    "objects for groups": profile_with(groups=[{"name": "MemberPulse Admins"}]),
    "array for attributes": profile_with(custom_attributes=["x"]),
    "nul in a value": profile_with(email="ada@acme.example\0"),
    "nul in a name": profile_with(custom_attributes={"a\0b": 1}),
    "nul deep inside": profile_with(custom_attributes={"a": [{"b": ["c\0"]}]}),
    "lone surrogate": profile_with(email="ada\ud800@acme.example"),
    "lone low surrogate": profile_with(email="ada\udc00@acme.example"),
}


@pytest.mark.parametrize("answer", NOT_JSON.values(), ids=NOT_JSON)
async def test_what_is_no_json_signs_nobody_in(upstream: Upstream, connect: Connect, answer: bytes) -> None:
    upstream.script = answering(answer)
    with pytest.raises(UpstreamInvalidResponse):
        await connect().exchange_code(code="c", code_verifier="v")
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("body", NOT_A_PROFILE.values(), ids=NOT_A_PROFILE)
async def test_what_is_no_profile_signs_nobody_in(upstream: Upstream, connect: Connect, body: bytes) -> None:
    upstream.script = answering(http(200, body, "x-request-id: req-7"))
    with pytest.raises(UpstreamInvalidResponse) as caught:
        await connect().exchange_code(code="c", code_verifier="v")
    assert caught.value.extra["upstream_request_id"] == "req-7"
    assert "acme" not in str(caught.value)


@pytest.mark.parametrize(
    "changes",
    [
        {"connection_type": "SomethingNewSAML"},
        {"organization_id": None},
        {"email": None},
        {"first_name": None, "groups": None, "custom_attributes": None, "raw_attributes": None},
        {"brand_new_field": {"deep": [1, 2.5, None]}},
        {"emails": [{"primary": True, "value": "a@b.c"}, 7, "x@y.z"], "job_title": "Analyst", "username": "ada"},
        {"first_name": "Zo\u00eb \U0001f600", "custom_attributes": {"path": "C:\\u0000"}},
    ],
    ids=["unknown type", "no organization", "no email", "nulls", "unknown field", "older shape", "unicode"],
)
async def test_the_odd_but_harmless_is_taken(upstream: Upstream, connect: Connect, changes: dict[str, Any]) -> None:
    upstream.script = answering_json(a_profile_answer(**changes))
    profile = await connect().exchange_code(code="c", code_verifier="v")
    assert profile.attributes == a_profile_answer(**changes)["profile"]
    for name, value in changes.items():
        if isinstance(value, str):
            assert getattr(profile, name) == value


@pytest.mark.parametrize("size", [600_000, 1_048_576])
async def test_a_large_body_is_refused_over_any_transport(size: int) -> None:
    async def handle(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=profile_with(custom_attributes={"x": "y" * size}))

    http_client = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    client = WorkOSClient(api_key="sk_test_1", client_id="c", base_url="http://workos.test", http=http_client)
    with pytest.raises(UpstreamInvalidResponse):
        await client.exchange_code(code="c", code_verifier="v")
    await client.aclose()


BROKEN_LISTS: dict[str, bytes] = {
    **{name: NOT_JSON[name] for name in ("html", "no content", "empty body", "truncated", "compressed")},
    "redirect": http(302, b"", "location: http://127.0.0.1:9/"),
    "empty object": http(200, b"{}"),
    "array": http(200, b"[]"),
    "null data": http(200, b'{"object":"list","data":null,"list_metadata":{"after":null}}'),
    "no data": http(200, b'{"object":"list","list_metadata":{"after":null}}'),
    "object for data": http(200, b'{"object":"list","data":{},"list_metadata":{"after":null}}'),
    "null entry": http(200, b'{"object":"list","data":[null],"list_metadata":{"after":null}}'),
    "string entry": http(200, b'{"object":"list","data":["conn_1"],"list_metadata":{"after":null}}'),
    "not called a list": http(200, b'{"data":[],"list_metadata":{"after":null}}'),
    "no metadata": http(200, b'{"object":"list","data":[]}'),
    "no cursor": http(200, b'{"object":"list","data":[],"list_metadata":{}}'),
    "number for cursor": http(200, b'{"object":"list","data":[],"list_metadata":{"after":5}}'),
    "cursor without entries": http(200, b'{"object":"list","data":[],"list_metadata":{"after":"x"}}'),
}


@pytest.mark.parametrize("answer", BROKEN_LISTS.values(), ids=BROKEN_LISTS)
async def test_a_broken_list_is_not_an_empty_one(upstream: Upstream, connect: Connect, answer: bytes) -> None:
    upstream.script = answering(answer)
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_connections(organization="org_1")
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_directories(organization="org_1")
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_directory_users(directory="directory_1")
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_group_members(directory="directory_1", group="directory_group_1")
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_directory_groups(directory="directory_1")


BROKEN_EVENT_PAGES = {name: page for name, page in BROKEN_LISTS.items() if not name.endswith(" entry")}


@pytest.mark.parametrize("answer", BROKEN_EVENT_PAGES.values(), ids=BROKEN_EVENT_PAGES)
async def test_a_broken_page_of_events_is_not_an_empty_one(upstream: Upstream, connect: Connect, answer: bytes) -> None:
    upstream.script = answering(answer)
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_events(events=["dsync.deleted"])


@pytest.mark.parametrize(
    "entry",
    [
        {"organization_id": "org_2"},
        {"organization_id": None},
        {"state": None},
        {"created_at": "yesterday"},
        {"created_at": "0001-01-01T00:00:00+23:59"},
        {"id": ""},
        {"domains": ["acme.example"]},
    ],
    ids=["of another tenant", "of nobody", "no state", "no date", "no such date", "no id", "no domain"],
)
async def test_one_bad_entry_spoils_the_page(upstream: Upstream, connect: Connect, entry: dict[str, Any]) -> None:
    upstream.script = answering_json(a_list(a_connection_answer(), a_connection_answer(id="c2") | entry))
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_connections(organization="org_1")


async def test_a_cursor_that_stands_still_is_refused(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(a_list(a_connection_answer(), after="conn_1"))
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_connections(organization="org_1", after="conn_1")


async def test_a_directory_tells_its_count_where_it_has_one(upstream: Upstream, connect: Connect) -> None:
    odd = a_directory_answer(id="d2", metadata={"users": []}, created_at="2023-04-28 20:05:31.093")
    upstream.script = answering_json(a_list(a_directory_answer(), odd))
    page = await connect().list_directories(organization="org_1")
    assert [directory.active_users for directory in page.items] == [12, None]
    assert page.items[1].created_at.isoformat() == "2023-04-28T20:05:31.093000+00:00"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "//idp.test", "https://idp.test/\r\nx: y", "", 5, None])
async def test_a_browser_is_sent_to_a_web_address_only(upstream: Upstream, connect: Connect, url: object) -> None:
    upstream.script = answering_json({"logout_url": url, "logout_token": "t"})
    with pytest.raises(UpstreamInvalidResponse):
        await connect().logout_url(profile_id="prof_1")


async def test_somebody_elses_object_does_not_pass(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(a_connection_answer(id="conn_other"))
    with pytest.raises(UpstreamInvalidResponse):
        await connect().get_connection("conn_1")


async def test_the_log_has_the_request_id_and_no_value(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering(http(200, profile_with(email=["secret@acme.example"]), "x-request-id: req-9"))
    with structlog.testing.capture_logs() as lines, pytest.raises(UpstreamInvalidResponse):
        await connect().exchange_code(code="one-time", code_verifier="v")
    assert [line["event"] for line in lines] == ["workos.call.failed"]
    assert lines[0]["upstream_request_id"] == "req-9"
    assert "email" in lines[0]["why"]
    assert "secret" not in str(lines)
    assert "one-time" not in str(lines)


@pytest.mark.parametrize(
    "entry",
    [
        {"directory_id": "directory_2"},
        {"directory_id": None},
        {"id": ""},
        {"id": "x" * 513},
        {"state": None},
        {"email": 42},
        {"custom_attributes": []},
        {"updated_at": "yesterday"},
        {"id": "u\0"},
        {"email": "a\0@acme.example"},
        {"username": "a\ud83d"},
    ],
    ids=[
        "of another",
        "of none",
        "no id",
        "long id",
        "no state",
        "email",
        "attributes",
        "no date",
        "nul in the id",
        "nul in the email",
        "half an emoji in the username",
    ],
)
async def test_one_bad_person_spoils_the_page(upstream: Upstream, connect: Connect, entry: dict[str, Any]) -> None:
    """Whoever is not on it would be deactivated (threats.md E7)."""
    upstream.script = answering_json(a_list(a_directory_user_answer(), a_directory_user_answer(id="u2") | entry))
    client = connect()
    with pytest.raises(UpstreamInvalidResponse):
        await client.list_directory_users(directory="directory_1")
    # Members are told by these alone; the rest of what stands there is not looked at.
    named = entry.keys() <= {"id", "directory_id"}
    with pytest.raises(UpstreamInvalidResponse) if named else nullcontext():
        await client.list_group_members(directory="directory_1", group="directory_group_1")


async def test_half_an_emoji_in_a_name_spoils_no_page(upstream: Upstream, connect: Connect) -> None:
    """Else one person's name would end every sync of their directory."""
    odd = a_directory_user_answer(id="u2", first_name="Ada \ud83d", custom_attributes={"team": "a\0"})
    upstream.script = answering_json(a_list(a_directory_user_answer(), odd))
    _, told = (await connect().list_directory_users(directory="directory_1")).items
    assert (told.attributes["first_name"], told.custom_attributes) == ("Ada \ufffd", {"team": "a\ufffd"})


@pytest.mark.parametrize("entry", [{"directory_id": "directory_2"}, {"name": None}, {"name": "n" * 513}, {"id": 5}])
async def test_one_bad_group_spoils_the_page(upstream: Upstream, connect: Connect, entry: dict[str, Any]) -> None:
    upstream.script = answering_json(a_list(a_directory_group_answer(), a_directory_group_answer(id="g2") | entry))
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_directory_groups(directory="directory_1")


async def test_a_state_of_tomorrow_spoils_nothing_and_lets_nobody_in(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(a_list(a_directory_user_answer(state="staged")))
    page = await connect().list_directory_users(directory="directory_1")
    assert [(user.state, user.active) for user in page.items] == [("staged", False)]


async def test_somebody_elses_person_or_directory_does_not_pass(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(a_directory_user_answer())
    with pytest.raises(UpstreamInvalidResponse):
        await connect().get_directory_user("directory_user_2")
    upstream.script = answering_json(a_directory_answer())
    with pytest.raises(UpstreamInvalidResponse):
        await connect().get_directory("directory_2")


BAD_EVENTS: dict[str, bytes] = {
    "null": b"null",
    "a number": b"7",
    "a list": b"[]",
    "nothing": b"{}",
    "no data": b'{"id":"event_2","event":"dsync.deleted"}',
    "no type": b'{"id":"event_2","data":{}}',
    "no date": b'{"id":"event_2","event":"dsync.deleted","data":{},"created_at":"soon"}',
    "nul in the id": b'{"id":"event_\\u0000","event":"dsync.deleted","data":{}}',
    "nul in the type": b'{"id":"event_2","event":"dsync.\\u0000","data":{}}',
}


@pytest.mark.parametrize(("name", "bad"), BAD_EVENTS.items(), ids=BAD_EVENTS)
async def test_a_bad_event_is_told_and_hides_no_other(
    upstream: Upstream, connect: Connect, name: str, bad: bytes
) -> None:
    entries = [json.dumps(an_event_answer(id=f"event_{n}")).encode() for n in (1, 3)]
    data = b",".join([entries[0], bad, entries[1]])
    upstream.script = answering(http(200, b'{"object":"list","data":[%s],"list_metadata":{"after":null}}' % data))
    page = await connect().list_events(events=["dsync.user.created"])
    first, broken, last = page.items
    assert (first.id, first.broken, last.id, last.broken) == ("event_1", None, "event_3", None)
    assert broken.broken is not None
    assert broken.data == {}
    assert "\0" not in repr(broken)
    told = "event_2" in bad.decode()
    assert (broken.id, bool(broken.raw)) == ("event_2" if told else "", told or name == "nul in the id")


async def test_a_nul_beside_the_events_is_refused(upstream: Upstream, connect: Connect) -> None:
    body = {**a_list(an_event_answer()), "list_metadata": {"after": "a\0"}}
    upstream.script = answering_json(body)
    with pytest.raises(UpstreamInvalidResponse):
        await connect().list_events(events=["dsync.user.created"])


@pytest.mark.parametrize(("each", "fits"), [(100_000, True), (200_000, False)])
async def test_a_page_of_a_hundred_heavy_people_fits(
    connect: Connect, upstream: Upstream, each: int, *, fits: bool
) -> None:
    people = [a_directory_user_answer(id=f"u{n}", custom_attributes={"x": "y" * each}) for n in range(100)]
    upstream.script = answering_json(a_list(*people))
    client = connect(limits=Limits())
    if fits:
        assert len((await client.list_directory_users(directory="directory_1")).items) == 100
    else:
        with pytest.raises(UpstreamInvalidResponse):
            await client.list_directory_users(directory="directory_1")


@pytest.mark.parametrize("body", [{}, {"status": "done"}, {"status": None}])
async def test_a_pull_is_queued_or_it_is_not(upstream: Upstream, connect: Connect, body: object) -> None:
    upstream.script = answering_json(body, 202)
    with pytest.raises(UpstreamInvalidResponse):
        await connect().request_directory_pull("directory_1")
