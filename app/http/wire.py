"""Instants on the wire."""

from datetime import UTC, datetime
from typing import overload


@overload
def wire(instant: datetime) -> str: ...
@overload
def wire(instant: None) -> None: ...
def wire(instant: datetime | None) -> str | None:
    """Return an instant as WorkOS writes it: ISO 8601, UTC, milliseconds, Z."""
    return instant and instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
