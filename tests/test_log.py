"""The log: one JSON object a line, and nothing in it that looks or is called like a credential."""

import contextvars
import logging
from pathlib import Path

import pytest

from app import log
from tests.logs import logged

TOKEN = "eyJhbGciOiJFUzI1NiJ9" + ".eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
SHAPES = {
    "of sk_of_nobody_at_all refused": "of [hidden] refused",
    "whsec_of_nobody,": "[hidden],",
    f"Bearer {TOKEN}.": "Bearer [hidden].",
    "GET /auth/callback/workos?code=abc&state=def": "GET /auth/callback/workos?code=[hidden]&state=[hidden]",
    "/auth/break-glass?token=abc HTTP/1.1": "/auth/break-glass?token=[hidden] HTTP/1.1",
    "https://id.workos.example/portal/launch?secret=abc": "https://id.workos.example/portal/launch?secret=[hidden]",
    "postgresql://gw:" + "pass%2Fword@db.example/gw": "postgresql://[hidden]@db.example/gw",
    "postgresql://gw@db.example/gw": "postgresql://gw@db.example/gw",
    "https://auth.example:8443/a@b": "https://auth.example:8443/a@b",
    "a task_is_done, a mask_of_bits": "a task_is_done, a mask_of_bits",
    "/members?encode=a&estate=b": "/members?encode=a&estate=b",
}
NAMES = (
    "api_key", "apikey", "API_KEY", "client_secret", "secrets", "password", "authorization", "set_cookie", "cookies",
    "access_token", "refresh_token", "token", "code", "state", "code_verifier", "private_key", "id_assertion",
)  # fmt: skip
OPEN = ("problem", "status", "request_id", "organization_id", "kid", "path", "reason", "connection_state", "token_id")


@pytest.mark.parametrize(("said", "written"), SHAPES.items())
def test_credentials_are_known_by_their_shape(said: str, written: str) -> None:
    assert log.redact(said) == written
    with logged() as lines:
        log.get("test").info("test.said", reason=said)
        logging.getLogger("elsewhere").warning("%s", said)
    assert lines.lines[0]["reason"] == written
    assert lines.lines[1]["event"] == written


def test_credentials_are_known_by_their_name() -> None:
    with logged() as lines:
        log.get("test").info("test.said", **dict.fromkeys(NAMES, "x"), **dict.fromkeys(OPEN, "y"))
    (line,) = lines.lines
    assert {line[name] for name in NAMES} == {"[hidden]"}
    assert {line[name] for name in OPEN} == {"y"}


def test_what_is_bound_is_judged_too() -> None:
    def said(request_id: str) -> None:
        log.bind_request(request_id)
        log.get("test").info("test.said")

    with logged() as lines:
        for request_id in ("abc", TOKEN):
            contextvars.copy_context().run(said, request_id)
        log.get("test").info("test.said")
    assert [line.get("request_id") for line in lines.lines] == ["abc", "[hidden]", None]


def refuse(password: str) -> None:
    length = len(password)
    raise LookupError(f"{TOKEN} of postgresql://gw:{password[:length]}@db/gw")


def test_a_traceback_is_judged_and_stands_in_its_line() -> None:
    with logged() as lines:
        try:
            refuse("a-local-variable")
        except LookupError:
            log.get("test").exception("test.crashed")
            logging.getLogger("elsewhere").exception("crashed")
    assert [line["event"] for line in lines.lines] == ["test.crashed", "crashed"]
    for line in lines.lines:
        assert line["exception"].startswith("Traceback (most recent call last):\n")
        assert line["exception"].endswith("LookupError: [hidden] of postgresql://[hidden]@db/gw")
        assert 'refuse("a-local-variable")' in line["exception"], "the line of the source"
        assert line["exception"].count("a-local-variable") == 1, "and no values of variables"


@pytest.mark.parametrize(
    "value",
    [{"authorization": "x"}, [TOKEN], RuntimeError(TOKEN), TOKEN.encode()],
    ids=lambda value: type(value).__name__,
)
def test_what_is_inside_a_value_is_judged_too(value: object) -> None:
    with logged() as lines:
        log.get("test").info("test.said", reason=value)
    assert "[hidden]" in lines.text
    assert TOKEN not in lines.text


@pytest.mark.parametrize("address", ["redis://:the-password@cache:6379/0", "postgresql://gw:the-/password@db/gw"])
def test_every_password_in_an_address_is_hidden(address: str) -> None:
    assert "password" not in log.redact(address)


def test_every_line_is_one_json_object() -> None:
    strange = 'a\nb\r\n"quoted" \u2028 \x1b[31m \x00 \ud800 \u7d44'
    with logged() as lines:
        log.get("test").info("test.said", reason=strange, path=Path("/x"), number=1, nothing=None, several=[1, strange])
        logging.getLogger("elsewhere").warning(strange)
        log.get("test").info(strange)
    raw = lines.text.splitlines()
    assert len(lines.lines) == len(raw) == 3
    for line in lines.lines:
        assert {"event", "level", "timestamp"} <= line.keys()
    first = lines.lines[0]
    assert (first["reason"], first["path"], first["number"], first["nothing"]) == (strange, "/x", 1, None)
    assert lines.text.isascii()


@pytest.mark.parametrize(("level", "heard"), [("debug", "diwe"), ("info", "iwe"), ("warning", "we"), ("error", "e")])
def test_the_level_is_kept_for_both_kinds_of_logger(level: str, heard: str) -> None:
    with logged(level) as lines:
        for logger in (log.get("test"), logging.getLogger("elsewhere")):
            for name in ("debug", "info", "warning", "error"):
                getattr(logger, name)(name)
    assert "".join(line["level"][0] for line in lines.lines) == heard * 2


@pytest.mark.parametrize("name", ["httpx", "httpcore", "alembic", "sqlalchemy"])
def test_loggers_that_quote_addresses_speak_of_trouble_only(name: str) -> None:
    with logged("debug") as lines:
        logging.getLogger(name).info("HTTP Request: GET https://example/?code=x")
        logging.getLogger(name).warning("trouble")
    assert [line["event"] for line in lines.lines] == ["trouble"]
