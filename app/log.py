"""Logging: structlog set-up, the bound context, and what must never appear in a line."""

import logging
import re
import sys
from collections.abc import Iterable, MutableMapping
from contextvars import ContextVar
from typing import Any, cast

import structlog

_SECRET_NAMES = re.compile(
    r"(secret|password|authorization|cookie|api_?key|private|verifier|code$|^state$|token$|assertion)", re.IGNORECASE
)
# A password holds what it likes; elsewhere an address has no user, and its path must stay readable.
_PASSWORDS = re.compile(r"((?:postgres|redis)\w*(?:\+\w+)?://[^\s\"@:/]*:)[^\s\"@]+(?=@)")
_SECRET_VALUES = re.compile(
    r"sk_[A-Za-z0-9_]{8,}|whsec_[A-Za-z0-9_]{8,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+"
    r"|(?<=[?&]code=)[^&\s\"]+|(?<=[?&]token=)[^&\s\"]+|(?<=[?&]state=)[^&\s\"]+|(?<=[?&]secret=)[^&\s\"]+|(?<=://)[^/@\s\"]+:[^/@\s\"]+(?=@)"
)
_HIDDEN = "[hidden]"
_request: ContextVar[str | None] = ContextVar("request_id", default=None)


def redact(text: str) -> str:
    """Return the text without what looks like a credential (threats.md A16, H9)."""
    return _SECRET_VALUES.sub(_HIDDEN, _PASSWORDS.sub(rf"\1{_HIDDEN}", text))


def _redact_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide values by name and by shape: one careless field must not put a credential into a log file."""
    for name, value in event.items():
        event[name] = _redacted(name, value)
    return event


def _redacted(name: str, value: Any) -> Any:  # noqa: ANN401 -- whatever was logged
    if _SECRET_NAMES.search(name):
        return _HIDDEN
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact(value)
        case dict():
            return {str(key): _redacted(str(key), item) for key, item in cast("dict[object, object]", value).items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted("", item) for item in cast("Iterable[object]", value)]
        case _:
            return redact(repr(value) if isinstance(value, (bytes, BaseException)) else str(value))


def set_up(level: str) -> None:
    """Send structlog and the standard library's loggers to stdout, one JSON object a line (threats.md F16)."""
    shared: list[Any] = [
        _add_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact_event,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "uvicorn.access", "alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def bind_request(request_id: str) -> None:
    """Put the request's id into every line that is written on its behalf, from here on."""
    _request.set(request_id)


def _add_request(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (request_id := _request.get()) is not None:
        event.setdefault("request_id", request_id)
    return event


def get(room: str) -> Any:  # noqa: ANN401 -- structlog's own type is a lazy proxy
    """Return the logger of a room; event names are constant, dotted by room, past tense (house.md)."""
    return structlog.get_logger(room)
