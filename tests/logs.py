"""The log as production writes it, caught."""

import contextlib
import io
import json
import logging
import sys
from collections.abc import Generator
from typing import Any

import structlog

from app import log


class Log:
    """What was written while a `logged` block lasted."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line; each must be one JSON object."""
        return [json.loads(line) for line in self.text.splitlines()]

    def of(self, event: str) -> list[dict[str, Any]]:
        """Return the lines of one event."""
        return [line for line in self.lines if line["event"] == event]


def log_plainly() -> None:
    """Write what tests log as lines of text, tracebacks too.

    Not structlog's own choice: where `rich` is installed it draws every local of every frame, seconds for one of them.
    """
    renderer = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.reset_defaults()
    structlog.configure(processors=[renderer])


@contextlib.contextmanager
def logged(level: str = "info") -> Generator[Log]:
    """Write the log as production does, into memory, until the block ends."""
    root = logging.getLogger()
    handlers, old_level, stdout = list(root.handlers), root.level, sys.stdout
    sys.stdout = stream = io.StringIO()
    try:
        log.set_up(level)
        sys.stdout = stdout
        yield Log(stream)
    finally:
        sys.stdout = stdout
        root.handlers[:] = handlers
        root.setLevel(old_level)
        log_plainly()
