"""Answers: a problem as a document and as a page, JSON that is never stored, lengths where they belong."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from app.http.answers import Answer, json_answer, length_of, page, problem_answer, problem_document, problem_page
from app.http.wire import wire
from app.problems import BadRequest, NotFound, Problem, RateLimited

EVIL = '<script>alert("1")</script>\' & {title} {0}'
ESCAPED = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#x27; &amp; {title} {0}"


class Odd(Problem):
    """A problem whose every word wants to be markup."""

    status = 418
    code = "odd"
    title = EVIL
    remedy = EVIL


def headers_of(answer: Answer) -> dict[bytes, bytes]:
    """Return the headers; each occurs once."""
    found = dict(answer.headers)
    assert len(found) == len(answer.headers)
    return found


def test_a_problem_has_the_members_of_the_rfc_and_ours() -> None:
    problem = BadRequest("The date is odd.", errors=[{"field": "date", "message": "odd"}])
    assert problem_document(problem, request_id="request-1", instance="/x/y") == {
        "type": "urn:memberpulse:problem:bad_request",
        "title": "The request is malformed.",
        "status": 400,
        "detail": "The date is odd.",
        "instance": "/x/y",
        "code": "bad_request",
        "remedy": "Correct the request as the detail says.",
        "request_id": "request-1",
        "errors": [{"field": "date", "message": "odd"}],
    }


def test_without_a_detail_the_title_is_the_detail() -> None:
    document = problem_document(NotFound(), request_id="r", instance="/")
    assert document["detail"] == document["title"] == "There is no such thing here."


def test_what_differs_from_case_to_case_never_replaces_what_is_fixed() -> None:
    problem = NotFound(code="forged", status=200, instance="/evil", request_id="forged", remedy="none", more=1)
    document = problem_document(problem, request_id="r", instance="/")
    assert document["code"] == "not_found"
    assert (document["status"], document["instance"], document["request_id"], document["more"]) == (404, "/", "r", 1)


def test_a_problem_answers_as_problem_json_with_its_headers() -> None:
    answer = problem_answer(RateLimited(headers={"Retry-After": "7"}), request_id="r", instance="/x")
    assert answer.status == 429
    assert headers_of(answer) == {
        b"content-type": b"application/problem+json",
        b"cache-control": b"no-store",
        b"retry-after": b"7",
    }
    assert json.loads(answer.body)["code"] == "rate_limited"


def test_a_page_escapes_every_word() -> None:
    answer = problem_page(Odd(EVIL), request_id=EVIL, again=f'/auth/sso?return_to="{EVIL}')
    text = answer.body.decode()
    assert (answer.status, headers_of(answer)[b"content-type"]) == (418, b"text/html; charset=utf-8")
    assert "<script" not in text
    assert f"<title>{ESCAPED} · MemberPulse</title>" in text
    assert f"<h1>{ESCAPED}</h1><p>{ESCAPED}</p>" in text
    assert f'<p class="remedy">{ESCAPED}</p>' in text
    assert f'href="/auth/sso?return_to=&quot;{ESCAPED}"' in text
    assert f"418 · odd · request {ESCAPED}" in text


def test_a_page_without_a_detail_says_nothing_twice() -> None:
    text = problem_page(NotFound(), request_id="r", again="/").body.decode()
    assert "<h1>There is no such thing here.</h1><p></p>" in text


def test_a_page_carries_the_problems_headers_and_no_inline_code() -> None:
    answer = problem_page(RateLimited(headers={"Retry-After": "2"}), request_id="r", again="/")
    assert headers_of(answer)[b"retry-after"] == b"2"
    assert headers_of(answer)[b"cache-control"] == b"no-store"
    assert b"style=" not in answer.body
    assert b"<style" not in answer.body


def test_a_page_of_ours_escapes_its_title_and_trusts_its_body() -> None:
    answer = page("<b>", "<h1>{hello}</h1>", status=202)
    text = answer.body.decode()
    assert answer.status == 202
    assert "<title>&lt;b&gt; · MemberPulse</title>" in text
    assert "<main><h1>{hello}</h1></main>" in text


def test_json_is_never_stored() -> None:
    answer = json_answer({"id": UUID(int=7), "text": "\u00e9\u2028"}, status=201, headers=[(b"etag", b'"1"')])
    assert answer.status == 201
    assert headers_of(answer) == {
        b"content-type": b"application/json",
        b"cache-control": b"no-store",
        b"etag": b'"1"',
    }
    assert json.loads(answer.body) == {"id": str(UUID(int=7)), "text": "\u00e9\u2028"}


@pytest.mark.parametrize(
    ("answer", "length"),
    [
        (Answer(200, b"abc"), ((b"content-length", b"3"),)),
        (Answer(200, "\u00e9".encode()), ((b"content-length", b"2"),)),
        (Answer(200), ((b"content-length", b"0"),)),
        (Answer(302), ((b"content-length", b"0"),)),
        (Answer(204), ()),
        (Answer(304), ()),
    ],
)
def test_lengths_are_told_where_there_may_be_a_body(answer: Answer, length: tuple[tuple[bytes, bytes], ...]) -> None:
    assert length_of(answer) == length


def test_instants_are_utc_with_milliseconds() -> None:
    assert wire(datetime(2026, 1, 5, 9, 0, 1, 234_567, tzinfo=UTC)) == "2026-01-05T09:00:01.234Z"
    assert wire(datetime.fromisoformat("2026-01-05T10:00:00+01:00")) == "2026-01-05T09:00:00.000Z"
    assert wire(None) is None
