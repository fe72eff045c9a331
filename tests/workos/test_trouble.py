"""WorkOS slow, away, over its limits or refusing (threats.md A20, G1-G3): in time, translated, and once only."""

import asyncio
import json
import time
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from app.problems import Problem
from app.workos.breaker import BreakerLimits
from app.workos.calls import Limits
from app.workos.client import WorkOSClient
from app.workos.errors import (
    CodeRejected,
    EventsCursorRejected,
    UpstreamInvalidResponse,
    UpstreamNotFound,
    UpstreamRefused,
    UpstreamUnavailable,
)
from app.workos.records import DirectoryPull
from app.workos.transport import open_http_client
from tests.workos.answers import a_connection_answer, a_directory_answer, a_list, a_profile_answer
from tests.workos.conftest import API_KEY, QUICK, Connect
from tests.workos.upstream import Upstream, answering, answering_json, http


async def hang(_writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def drop(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def trickle(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while not writer.transport.is_closing():
        writer.write(b" ")
        await asyncio.sleep(0.02)


async def trickled_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nx: ")
    while not writer.transport.is_closing():
        writer.write(b"y")
        await asyncio.sleep(0.02)


async def half(writer: asyncio.StreamWriter) -> None:
    writer.write(http(200, json.dumps(a_profile_answer()).encode())[:-30])
    await writer.drain()
    writer.close()


@pytest.mark.parametrize("script", [hang, trickle, trickled_head])
async def test_a_slow_workos_is_left_in_time(upstream: Upstream, connect: Connect, script: object) -> None:
    upstream.script = script  # pyright: ignore[reportAttributeAccessIssue] -- the parametrized scripts are Scripts
    client = connect()
    began = time.monotonic()
    with pytest.raises(UpstreamUnavailable) as caught:
        await client.exchange_code(code="c", code_verifier="v")
    assert time.monotonic() - began < QUICK.deadline + 0.2
    assert caught.value.cause == "timeout"
    assert int(caught.value.headers["Retry-After"]) >= 1
    assert len(upstream.requests) == 1


async def test_the_deadline_holds_where_the_transport_does_not(upstream: Upstream, connect: Connect) -> None:
    upstream.script = hang
    client = connect(limits=Limits(answer=30, deadline=0.2))
    began = time.monotonic()
    with pytest.raises(UpstreamUnavailable) as caught:
        await client.exchange_code(code="c", code_verifier="v")
    assert caught.value.cause == "timeout"
    assert time.monotonic() - began < 0.5


def test_the_production_limits_answer_within_six_seconds() -> None:
    limits = Limits()
    assert limits.answer <= 4
    assert limits.answer < limits.deadline <= 5
    assert limits.place_wait < limits.deadline


@pytest.mark.parametrize("script", [drop, half], ids=["dropped", "half an answer"])
async def test_a_lost_answer_is_not_asked_for_again(upstream: Upstream, connect: Connect, script: object) -> None:
    upstream.script = script  # pyright: ignore[reportAttributeAccessIssue] -- the parametrized scripts are Scripts
    with pytest.raises(UpstreamUnavailable):
        await connect().exchange_code(code="c", code_verifier="v")
    assert len(upstream.requests) == 1


async def test_nobody_listens(connect: Connect) -> None:
    with pytest.raises(UpstreamUnavailable) as caught:
        await connect(base_url="http://127.0.0.1:1").exchange_code(code="c", code_verifier="v")
    assert caught.value.cause == "connection"


async def test_a_host_without_an_address(connect: Connect) -> None:
    with pytest.raises(UpstreamUnavailable):
        await connect(base_url="http://nowhere.invalid").exchange_code(code="c", code_verifier="v")


@pytest.mark.parametrize("base_url", ["http://[::1", "ftp://127.0.0.1", "http://a b"])
async def test_an_impossible_base_url_is_no_crash(connect: Connect, base_url: str) -> None:
    with pytest.raises(Problem):
        await connect(base_url=base_url).get_connection("conn_1")


REFUSALS: dict[str, tuple[int, object, type[Problem]]] = {
    "used code": (400, {"error": "invalid_grant", "error_description": "…"}, CodeRejected),
    "malformed code": (422, {"message": "Validation failed", "errors": [{"field": "code"}]}, CodeRejected),
    "wrong client": (400, {"error": "invalid_client", "error_description": "…"}, UpstreamRefused),
    "unauthorized": (401, {"error": "Unauthorized"}, UpstreamRefused),
    "forbidden": (403, {"code": "sso_required", "message": "…"}, UpstreamRefused),
    "missing": (404, {"message": "…"}, UpstreamNotFound),
    "conflict": (409, {"code": "conflict"}, UpstreamRefused),
    "teapot": (418, "short and stout", UpstreamRefused),
    "bare string": (429, "Ratelimited", UpstreamUnavailable),
    "list body": (400, [1, 2], UpstreamRefused),
    "codes of other types": (400, {"error": {"a": 1}, "code": 7}, UpstreamRefused),
    "timeout upstream": (408, {}, UpstreamUnavailable),
    "server error": (500, {"message": "…"}, UpstreamUnavailable),
    "unavailable": (503, "<html>", UpstreamUnavailable),
    "beyond the list": (599, None, UpstreamUnavailable),
    "a status of no kind": (999, None, UpstreamUnavailable),
}


@pytest.mark.parametrize(("status", "body", "problem"), REFUSALS.values(), ids=REFUSALS)
async def test_every_status_has_its_problem(
    upstream: Upstream, connect: Connect, status: int, body: object, problem: type[Problem]
) -> None:
    upstream.script = answering_json(body, status, "x-request-id: req-3")
    with pytest.raises(problem) as caught:
        await connect().exchange_code(code="c", code_verifier="v")
    assert type(caught.value) is problem
    assert caught.value.extra["upstream_request_id"] == "req-3"
    assert len(upstream.requests) == 1


async def test_no_text_of_workos_is_repeated(upstream: Upstream, connect: Connect) -> None:
    body = {"error": "Bad<script>", "code": "some_code", "error_description": "<img src=x>", "message": "<b>"}
    upstream.script = answering_json(body, 400, "x-request-id: <script>alert(1)</script>")
    with pytest.raises(UpstreamRefused) as caught:
        await connect().exchange_code(code="c", code_verifier="v")
    assert caught.value.extra == {
        "upstream_status": 400,
        "upstream_errors": ("some_code",),
        "upstream_request_id": None,
    }
    assert "<" not in str(caught.value)


async def test_a_read_is_tried_once_more(upstream: Upstream, connect: Connect) -> None:
    async def second_time_well(writer: asyncio.StreamWriter) -> None:
        good = answering_json(a_connection_answer())
        await (good if len(upstream.requests) > 1 else answering(http(502)))(writer)

    upstream.script = second_time_well
    assert (await connect().get_connection("conn_1")).id == "conn_1"
    assert len(upstream.requests) == 2


async def test_second_tries_are_a_small_share_of_all_calls(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering(http(503))
    client = connect()
    for _ in range(50):
        with pytest.raises(UpstreamUnavailable):
            await client.get_connection("conn_1")
    assert 50 < len(upstream.requests) <= 60


async def test_a_rate_limit_is_obeyed_and_not_tried_again(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering(http(429, b'"Ratelimited"', "retry-after: 7"))
    client = connect()
    with pytest.raises(UpstreamUnavailable) as first:
        await client.get_connection("conn_1")
    with pytest.raises(UpstreamUnavailable) as second:
        await client.get_connection("conn_1")
    assert (first.value.cause, second.value.cause) == ("rate_limited", "open")
    assert first.value.headers["Retry-After"] == second.value.headers["Retry-After"] == "7"
    assert len(upstream.requests) == 1


async def test_sign_ins_go_on_while_the_api_is_held(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering(http(429, b"", "retry-after: 7"))
    client = connect()
    with pytest.raises(UpstreamUnavailable):
        await client.get_connection("conn_1")
    upstream.script = answering_json(a_profile_answer())
    assert (await client.exchange_code(code="c", code_verifier="v")).id == "prof_1"


async def test_an_outage_is_answered_at_once_and_ends_by_itself(upstream: Upstream, connect: Connect) -> None:
    client = connect(breaker=BreakerLimits(failures=3, first_pause=0.1, longest_pause=0.1))
    upstream.script = answering(http(503))
    for _ in range(10):
        with pytest.raises(UpstreamUnavailable):
            await client.exchange_code(code="c", code_verifier="v")
    assert len(upstream.requests) == 3
    upstream.script = answering_json(a_profile_answer())
    await asyncio.sleep(0.12)
    assert (await client.exchange_code(code="c", code_verifier="v")).id == "prof_1"


async def test_bad_codes_do_not_stop_good_ones(upstream: Upstream, connect: Connect) -> None:
    client = connect(breaker=BreakerLimits(failures=3))
    upstream.script = answering_json({"error": "invalid_grant"}, 400)
    for _ in range(10):
        with pytest.raises(CodeRejected):
            await client.exchange_code(code="c", code_verifier="v")
    upstream.script = answering_json(a_profile_answer())
    await client.exchange_code(code="c", code_verifier="v")


async def test_hanging_sign_ins_leave_no_place_taken(upstream: Upstream, connect: Connect) -> None:
    upstream.script = hang
    client = connect()
    stuck = [asyncio.create_task(client.exchange_code(code="c", code_verifier="v")) for _ in range(40)]
    results = await asyncio.gather(*stuck, return_exceptions=True)
    causes = [result.cause for result in results if isinstance(result, UpstreamUnavailable)]
    assert sorted(causes) == ["crowded"] * 20 + ["timeout"] * 20
    assert upstream.connections == 20
    upstream.script = answering_json(a_profile_answer())
    await asyncio.gather(*[client.exchange_code(code="c", code_verifier="v") for _ in range(20)])


async def test_sign_ins_that_were_given_up_leave_no_place_taken(upstream: Upstream, connect: Connect) -> None:
    upstream.script = hang
    client = connect(limits=Limits(answer=30, deadline=30))
    stuck = [asyncio.create_task(client.exchange_code(code="c", code_verifier="v")) for _ in range(40)]
    await asyncio.sleep(0.1)
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)
    upstream.script = answering_json(a_profile_answer())
    await asyncio.gather(*[client.exchange_code(code="c", code_verifier="v") for _ in range(20)])


async def test_what_is_sent(upstream: Upstream, connect: Connect) -> None:
    await connect().exchange_code(code="one-time", code_verifier="v" * 43)
    head, _, body = upstream.requests[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /sso/token HTTP/1.1"
    assert f"Authorization: Bearer {API_KEY}" in lines
    assert "Accept-Encoding: identity" in lines
    assert json.loads(body) == {
        "client_id": "client_test",
        "client_secret": API_KEY,
        "grant_type": "authorization_code",
        "code": "one-time",
        "code_verifier": "v" * 43,
    }


@pytest.mark.parametrize("key", ["", "sk live", "sk\r\nx: y", "sk_\u00e9", "sk\0"])
def test_a_key_that_no_header_carries_is_refused_unseen(key: str) -> None:
    with pytest.raises(ValueError, match="API key") as caught:
        WorkOSClient(api_key=key, client_id="c", base_url="http://x", http=open_http_client())
    assert not key or key not in str(caught.value)


@pytest.mark.parametrize(
    "script", [drop, hang, answering(b"junk\r\n\r\n"), answering(http(401)), answering(http(200, b"{}"))]
)
async def test_the_key_is_in_no_message(upstream: Upstream, connect: Connect, script: object) -> None:
    upstream.script = script  # pyright: ignore[reportAttributeAccessIssue] -- the parametrized scripts are Scripts
    with pytest.raises(Problem) as caught:
        await connect().exchange_code(code="one-time", code_verifier="v")
    said: list[str] = []
    link: BaseException | None = caught.value
    while link is not None:
        said.append(f"{link!r} {vars(link)}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    assert API_KEY not in str(said)
    assert "one-time" not in str(said)


async def test_a_closed_client_asks_nobody(upstream: Upstream, connect: Connect) -> None:
    client = connect()
    await client.aclose()
    with pytest.raises((UpstreamUnavailable, UpstreamInvalidResponse)):
        await client.exchange_code(code="c", code_verifier="v")
    assert upstream.requests == []


PULLS: dict[str, tuple[int, object, DirectoryPull]] = {
    "queued": (202, {"status": "queued"}, DirectoryPull("queued")),
    "running": (409, {"code": "directory_sync_in_progress", "message": "…"}, DirectoryPull("in_progress")),
    "not Google": (422, {"code": "directory_sync_unsupported", "message": "…"}, DirectoryPull("unsupported")),
    "too soon": (
        429,
        {"code": "directory_sync_rate_limited", "retry_after_seconds": 240},
        DirectoryPull("rate_limited", 240),
    ),
    "switched off": (503, {"code": "directory_sync_disabled", "message": "…"}, DirectoryPull("disabled")),
}


@pytest.mark.parametrize(("status", "body", "outcome"), PULLS.values(), ids=PULLS)
async def test_a_pull_has_plain_outcomes_that_stop_nothing_else(
    upstream: Upstream, connect: Connect, status: int, body: object, outcome: DirectoryPull
) -> None:
    upstream.script = answering_json(body, status, "retry-after: 240")
    client = connect(breaker=BreakerLimits(failures=2))
    for _ in range(3):
        assert await client.request_directory_pull("directory_1") == outcome
    assert len(upstream.requests) == 3
    assert upstream.requests[0].startswith(b"POST /directories/directory_1/sync HTTP/1.1\r\n")
    upstream.script = answering_json(a_directory_answer())
    assert (await client.get_directory("directory_1")).id == "directory_1"


@pytest.mark.parametrize(
    ("status", "body", "problem"),
    [
        (429, "Ratelimited", UpstreamUnavailable),
        (502, {}, UpstreamUnavailable),
        (422, {"code": "invalid_request_parameters"}, UpstreamRefused),
        (404, {}, UpstreamNotFound),
    ],
)
async def test_a_pull_that_says_nothing_of_the_directory_is_in_trouble_once(
    upstream: Upstream, connect: Connect, status: int, body: object, problem: type[Problem]
) -> None:
    upstream.script = answering_json(body, status)
    with pytest.raises(problem):
        await connect().request_directory_pull("directory_1")
    assert len(upstream.requests) == 1


async def test_what_a_page_is_asked_for_with(upstream: Upstream, connect: Connect) -> None:
    upstream.script = answering_json(a_list())
    client = connect()
    zone = timezone(timedelta(hours=2))
    await client.list_directory_users(directory="directory_1")
    await client.list_group_members(directory="directory_1", group="directory_group_1", after="directory_user_1")
    await client.list_directory_groups(directory="directory_1")
    await client.list_events(
        events=["dsync.deleted", "dsync.activated"],
        after="event_1",
        range_start=datetime(2026, 1, 1, 2, tzinfo=zone),
        range_end=datetime(2026, 1, 1, 2, 0, 0, 1500, tzinfo=zone),
    )
    asked = [httpx.URL(request.split(b" ")[1].decode()) for request in upstream.requests]
    page = {"limit": "100", "order": "asc"}
    assert [(url.path, dict(url.params)) for url in asked] == [
        ("/directory_users", {"directory": "directory_1", **page}),
        ("/directory_users", {"group": "directory_group_1", "after": "directory_user_1", **page}),
        ("/directory_groups", {"directory": "directory_1", **page}),
        (
            "/events",
            {
                "events": "dsync.deleted,dsync.activated",
                "limit": "100",
                "after": "event_1",
                "range_start": "2026-01-01T00:00:00.000Z",
                "range_end": "2026-01-01T00:00:00.001Z",
            },
        ),
    ]


@pytest.mark.parametrize("status", [400, 404, 422])
async def test_a_forgotten_cursor_is_told_from_a_bad_request(upstream: Upstream, connect: Connect, status: int) -> None:
    upstream.script = answering_json({"code": "invalid_request_parameters"}, status, "x-request-id: req-5")
    client = connect()
    with pytest.raises(EventsCursorRejected) as caught:
        await client.list_events(events=["dsync.deleted"], after="event_1")
    assert caught.value.extra["upstream_request_id"] == "req-5"
    with pytest.raises((UpstreamRefused, UpstreamNotFound)):
        await client.list_events(events=["dsync.deleted"])


@pytest.mark.parametrize("cursor", ["", "a b", "../organizations", "event_1&limit=1"])
async def test_a_cursor_that_is_no_id_is_not_asked_for(upstream: Upstream, connect: Connect, cursor: str) -> None:
    with pytest.raises(EventsCursorRejected):
        await connect().list_events(events=["dsync.deleted"], after=cursor)
    assert upstream.requests == []


@pytest.mark.parametrize(
    ("status", "problem"), [(401, UpstreamRefused), (403, UpstreamRefused), (500, UpstreamUnavailable)]
)
async def test_a_bad_key_is_no_forgotten_cursor(
    upstream: Upstream, connect: Connect, status: int, problem: type[Problem]
) -> None:
    upstream.script = answering_json({}, status)
    with pytest.raises(problem):
        await connect().list_events(events=["dsync.deleted"], after="event_1")


async def test_a_hanging_directory_stops_nothing_else(upstream: Upstream, connect: Connect) -> None:
    upstream.script = hang
    client = connect(
        limits=Limits(page_answer=30, page_deadline=30, place_wait=0.05), breaker=BreakerLimits(failures=1)
    )
    stuck = [asyncio.create_task(client.list_directory_groups(directory="directory_1")) for _ in range(20)]
    await asyncio.sleep(0.1)
    upstream.script = answering_json(a_profile_answer())
    began = time.monotonic()
    await client.exchange_code(code="c", code_verifier="v")
    upstream.script = answering_json(a_list())
    await client.list_connections(organization="org_1")
    await client.list_events(events=["dsync.deleted"])
    assert time.monotonic() - began < 0.5
    assert upstream.connections <= 8 + 3
    for task in stuck:
        task.cancel()
    await asyncio.gather(*stuck, return_exceptions=True)


async def test_a_directory_that_is_away_is_given_up_alone(upstream: Upstream, connect: Connect) -> None:
    client = connect(breaker=BreakerLimits(failures=2))
    upstream.script = answering(http(503))
    for _ in range(3):
        with pytest.raises(UpstreamUnavailable):
            await client.list_directory_groups(directory="directory_1")
    with pytest.raises(UpstreamUnavailable) as caught:
        await client.list_directory_groups(directory="directory_1")
    assert caught.value.cause == "open"
    upstream.script = answering_json(a_connection_answer())
    assert (await client.get_connection("conn_1")).id == "conn_1"


async def test_jobs_wait_longer_than_browsers_and_not_for_ever(upstream: Upstream, connect: Connect) -> None:
    limits = Limits()
    assert limits.answer < limits.page_answer < limits.page_deadline <= 10
    upstream.script = hang
    began = time.monotonic()
    with pytest.raises(UpstreamUnavailable) as caught:
        await connect(limits=Limits(page_answer=0.3, page_deadline=5)).get_directory("directory_1")
    assert caught.value.cause == "timeout"
    assert 0.25 < time.monotonic() - began < 0.8
