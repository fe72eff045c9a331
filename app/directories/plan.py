"""Plan: what a run does to people, as an administrator reads it and as a confirmation is held to it; pure."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final
from uuid import UUID

import msgspec

from app.directories.settling import Settled
from app.directories.settling_repository import Changed

SHOWN_AT_MOST: Final = 5_000
"""People whom a plan names; all of them count for its fingerprint, and none but these is held in memory twice."""
_encode = msgspec.json.Encoder(order="sorted", enc_hook=str).encode


class Plan:
    """One entry per person who is new or changes, in the order of their ids."""

    def __init__(self, settled: Settled) -> None:
        self._created = settled.created
        self._changed: dict[UUID, Changed] = {one.user_id: one for one in settled.changed}
        self._order = sorted([*self._created, *(user for user in self._changed if user not in self._created)])
        self._ended: dict[UUID, int] = {}
        for user in settled.sessions_ended:
            self._ended[user] = self._ended.get(user, 0) + 1

    @property
    def shown(self) -> Sequence[UUID]:
        """The people whom the stored plan names."""
        return self._order[:SHOWN_AT_MOST]

    def entries(self, named: Mapping[UUID, tuple[str, str | None]]) -> list[dict[str, Any]]:
        """Return the entries of those who are shown, with WorkOS's ids and addresses, and the sessions they lose."""
        people: list[dict[str, Any]] = []
        for user, entry in zip(self.shown, islice(self._all(), SHOWN_AT_MOST), strict=True):
            workos_id, email = named.get(user, (None, None))
            ended = {"sessions": self._ended[user]} if user in self._ended else {}
            people.append({"workos_id": workos_id, "email": email, **entry, **ended})
        return people

    def fingerprint(self, changes: Mapping[str, Any]) -> str:
        """Return what a confirmation compares: the counts, and everybody's entry.

        Sessions come and go by themselves: what they were when it was planned is shown, but does not make it stale.
        """
        told = hashlib.sha256(_encode({**changes, "sessions_ended": None}))
        for entry in self._all():
            told.update(_encode(entry) + b"\n")
        return told.hexdigest()

    def _all(self) -> Iterator[dict[str, Any]]:
        return (self._entry(user) for user in self._order)

    def _entry(self, user: UUID) -> dict[str, Any]:
        entry: dict[str, Any] = {"user_id": str(user), "action": "create" if user in self._created else "update"}
        one = self._changed.get(user)
        if one is not None and one.state != one.state_before:
            entry["action"] = "reactivate" if one.state == "active" else "deactivate"
        if one is not None and one.role != one.role_before:
            entry["role"] = {"before": one.role_before, "after": one.role}
        return entry
