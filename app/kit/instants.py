"""Instants: reading moments as others write them."""

from datetime import UTC, datetime


def lenient(text: str | None) -> datetime | None:
    """Return the instant in UTC, also when it is written without T and Z; None when it is none.

    WorkOS's documentation shows `2023-04-28 20:05:31.093` beside the usual form.
    """
    try:
        instant = datetime.fromisoformat(text or "")
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 in a time zone east of here has no UTC
        return None
