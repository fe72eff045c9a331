"""Hits: what reached the public port, kept in memory to be asked about."""

import json
from collections import deque
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

KEPT = 10_000
HEADERS = frozenset(
    {"authorization", "content-type", "idempotency-key", "user-agent", "host", "accept", "x-request-id"}
)


@dataclass
class Hit:
    """One request as it came. The body is verbatim, secrets too: this is a test's evidence and never leaves memory."""

    at: float
    method: str
    path: str
    query_string: bytes
    raw_headers: list[tuple[bytes, bytes]]
    body: bytes
    request_id: str
    fault: str | None = None
    status: int | None = None

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; the last of equal names."""
        return dict(parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True))

    @property
    def headers(self) -> dict[str, str]:
        """The headers of interest, names in lower case."""
        pairs = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in self.raw_headers)
        return {name: value for name, value in pairs if name in HEADERS}

    @property
    def form(self) -> Any:  # noqa: ANN401 - whatever JSON was sent
        """The body read as JSON, else as a form; None for an empty one."""
        if not self.body:
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def shape(self) -> dict[str, Any]:
        """Return the hit as the control API shows it."""
        return {
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.form,
            "request_id": self.request_id,
            "fault": self.fault,
            "status": self.status,
        }


class HitLog:
    """The last 10,000 hits; `recording` turns it off for measurements."""

    def __init__(self) -> None:
        self.recording = True
        self._hits: deque[Hit] = deque(maxlen=KEPT)

    def add(self, hit: Hit) -> None:
        """Keep a hit."""
        self._hits.append(hit)

    def clear(self) -> None:
        """Forget all hits."""
        self._hits.clear()

    def of(self, path: str | None = None, method: str | None = None) -> list[Hit]:
        """Return the hits on a path (exactly) and with a method, oldest first; all without arguments."""
        return [hit for hit in self._hits if path in (None, hit.path) and method in (None, hit.method)]
