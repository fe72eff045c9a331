"""Revocations: what is void before its time, as the feed told it."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast

from memberpulse_auth_client.tokens import MAX_TTL, Token

_LEEWAY: Final = 60


class Revocations:
    """Remembers each entry until no token that it voids can be alive any more."""

    def __init__(self) -> None:
        self._not_after: dict[tuple[str, str], int] = {}

    def __len__(self) -> int:
        return len(self._not_after)

    def note(self, entries: Iterable[Mapping[str, Any]]) -> list[str]:
        """Take entries in; return the kids among them. What is of an unknown type is passed over."""
        kids: list[str] = []
        for entry in entries:
            what = cast("tuple[str, str]", (entry["type"], entry["value"]))
            self._not_after[what] = max(int(entry["not_after"]), self._not_after.get(what, 0))
            if what[0] == "kid":
                kids.append(what[1])
        return kids

    def void(self, token: Token) -> bool:
        """Return whether the token was issued before its session, person, organization, key or itself became void."""
        return any(token.iat < self._not_after.get(what, 0) for what in _names(token))

    def forget(self, now: float) -> None:
        """Drop what is of no use any more."""
        over = int(now) - MAX_TTL - _LEEWAY
        self._not_after = {what: until for what, until in self._not_after.items() if until > over}


def _names(token: Token) -> tuple[tuple[str, str], ...]:
    return (
        ("sid", token.sid),
        ("sub", token.sub),
        ("org", token.org_id),
        ("kid", token.kid),
        ("jti", token.jti),
    )
