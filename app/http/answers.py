"""Answers: status, headers and bytes, and how a Problem becomes one (RFC 9457)."""

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from app.problems import Problem

Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
PROBLEM: Header = (b"content-type", b"application/problem+json")
HTML: Header = (b"content-type", b"text/html; charset=utf-8")
NO_STORE: Header = (b"cache-control", b"no-store")

_encode = msgspec.json.Encoder().encode
_TYPE = "urn:memberpulse:problem:"
_BODILESS = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete response; `headers` come on top of the ones that every answer carries."""

    status: int
    body: bytes = b""
    headers: tuple[Header, ...] = field(default=(NO_STORE,))


def length_of(answer: Answer) -> tuple[Header, ...]:
    """Return the Content-Length header; none for 204 and 304, where it means another (RFC 9110 section 8.6)."""
    return () if answer.status in _BODILESS else ((b"content-length", str(len(answer.body)).encode("ascii")),)


def lines_of(headers: Sequence[Header]) -> bytes:
    """Return headers as the lines they are on the wire.

    Raises:
        ValueError: a value would begin another line (CWE-113): whatever a door puts in passes here.
    """
    lines = b"".join([b"%b: %b\r\n" % header for header in headers])
    if lines.count(b"\n") != len(headers) or lines.count(b"\r") != len(headers) or b"\0" in lines:
        raise ValueError("a line break in a header's value")
    return lines


def json_answer(content: object, *, status: int = 200, headers: Iterable[Header] = ()) -> Answer:
    """Return `content` as JSON, never cached."""
    return Answer(status, _encode(content), (JSON, NO_STORE, *headers))


def problem_document(problem: Problem, *, request_id: str, instance: str) -> dict[str, Any]:
    """Return the RFC 9457 members of a problem, with our `code`, `remedy` and `request_id`."""
    document: dict[str, Any] = {
        "type": _TYPE + problem.code,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail or problem.title,
        "instance": instance,
        "code": problem.code,
        "remedy": problem.remedy,
        "request_id": request_id,
    }
    for name, value in problem.extra.items():
        document.setdefault(name, value)
    return document


def problem_answer(problem: Problem, *, request_id: str, instance: str) -> Answer:
    """Return the problem as `application/problem+json`."""
    document = problem_document(problem, request_id=request_id, instance=instance)
    return Answer(problem.status, _encode(document), (PROBLEM, NO_STORE, *_extra_headers(problem)))


def problem_page(problem: Problem, *, request_id: str, again: str) -> Answer:
    """Return the same problem as a small page for a browser: sentence, remedy, code, request id, try-again link."""
    page = _PAGE.format(
        title=html.escape(problem.title),
        detail=html.escape(problem.detail or ""),
        remedy=html.escape(problem.remedy),
        status=problem.status,
        code=html.escape(problem.code),
        request_id=html.escape(request_id),
        again=html.escape(again, quote=True),
    )
    return Answer(problem.status, page.encode(), (HTML, NO_STORE, *_extra_headers(problem)))


def page(title: str, body: str, *, status: int = 200) -> Answer:
    """Return a page with our look; `body` is trusted HTML, what it shows must be escaped by the caller."""
    return Answer(status, _FRAME.format(title=html.escape(title), body=body).encode(), (HTML, NO_STORE))


def _extra_headers(problem: Problem) -> list[Header]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in problem.headers.items()]


_FRAME = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title} · MemberPulse</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/auth/icon.svg"><link rel="stylesheet" href="/auth/page.css">
</head><body><main>{body}</main></body></html>"""

_PAGE = _FRAME.format(
    title="{title}",
    body="""<h1>{title}</h1><p>{detail}</p><p class="remedy">{remedy}</p>
<p><a class="button" href="{again}">Try again</a></p>
<p class="fine">{status} · {code} · request {request_id}</p>""",
)

ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="8" fill="#3451d1"/>
<path d="M5 17h6l3-8 5 14 3-6h5" fill="none" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"/></svg>"""

STYLESHEET = """:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;margin:0;
display:grid;place-items:center;min-height:100vh;background:light-dark(#f6f7f9,#121316)}main{max-width:30rem;margin:1rem;padding:2rem;border-radius:12px;
background:light-dark(#fff,#1c1e22);box-shadow:0 1px 3px #0003,0 8px 24px #0001}h1{font-size:1.35rem;margin-top:0}
.remedy{font-weight:600}.fine{color:light-dark(#606672,#9aa0aa);font-size:.85rem;overflow-wrap:anywhere}
.button,button{display:inline-block;font:inherit;padding:.55rem 1.1rem;border:0;border-radius:8px;background:#3451d1;
color:#fff;text-decoration:none;cursor:pointer}dt{font-weight:600}dd{margin:0 0 .5rem}"""
