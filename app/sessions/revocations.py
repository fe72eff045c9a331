"""Revocations: the feed of what is void before its time, as one process knows it (threats.md 5.5)."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.db.following import Following
from app.kit.clock import Clock
from app.kit.rows import Row
from app.sessions.errors import RevocationsForgotten
from app.sessions.revocation_repository import Numbering, RevocationLookups
from app.tokens.claims import LEEWAY, to_seconds
from app.uow import Begin

KEPT: Final = timedelta(seconds=300 + LEEWAY + 60)
"""A token's life, what verifiers allow for their clocks, and a minute to come and read: whoever reads all that is
kept knows of every token that may still be taken for a good one."""
ALWAYS: Final = 253_402_300_799
"""The last second of the year 9999: who stole a key writes any `iat` they like."""


@dataclass(frozen=True, slots=True)
class Revocation:
    """Tokens of this session, person, organization or key that were issued before `not_after` (seconds) are void."""

    seq: int
    type: str
    value: str
    not_after: int


@dataclass(frozen=True, slots=True)
class Portion:
    """Entries in order, from just behind the place `after`."""

    after: int
    entries: Sequence[Revocation]
    more: bool

    @property
    def last(self) -> int:
        """Return behind which place to read on."""
        return self.entries[-1].seq if self.entries else self.after

    @property
    def etag(self) -> str:
        """Return what is another for another content (RFC 9110 section 8.8.3)."""
        return f'"{self.after}-{self.last}"'


class RevocationFeed:
    """What is void and since when: in memory for as long as it is `KEPT`, read without a statement.

    Places are given here too, four times a second: by whichever process looks first.
    """

    def __init__(self, lookups: RevocationLookups, begin: Begin, clock: Clock) -> None:
        self._lookups = lookups
        self._begin = begin
        self._clock = clock
        self._entries: list[Revocation] = []
        self._stamps: list[datetime] = []
        self._last = 0
        self._kept = clock.now() - KEPT
        self._news = asyncio.Event()
        self._following = Following("revocations", self._look)

    def following(self) -> AbstractAsyncContextManager[None]:
        """Follow the database until the block ends."""
        return self._following.following()

    async def look(self) -> None:
        """Return when what was void before this call is in the feed."""
        await self._following.look()

    async def read(self, after: int, *, most: int) -> Portion:
        """Return at most so many entries behind the place `after`; behind 0 is all that is kept.

        Raises:
            RevocationsForgotten: entries behind `after` are not kept any more, or there never was such a place.
        """
        await self._following.ensure()
        if after > self._last:
            await self.look()  # another process may have given places since this one looked
        oldest = self._last - len(self._entries)
        if after > self._last or 0 < after < oldest:
            raise RevocationsForgotten
        begun = max(after, oldest)
        found = self._entries[begun - oldest : begun - oldest + most]
        return Portion(begun, found, more=begun + len(found) < self._last)

    async def news(self) -> None:
        """Return when something has come into the feed after this call."""
        await self._news.wait()

    async def _look(self) -> None:
        last, due = await self._lookups.look()
        if due:
            last = await self._number()
        kept = self._clock.now() - KEPT
        # Where the clock has been set back, too much was forgotten while it was ahead: all that is kept is read anew.
        known = self._last if kept >= self._kept else 0
        if last != known:
            self._take(await self._lookups.since(known, kept), known, last)
        self._kept = kept
        over = next((index for index, stamp in enumerate(self._stamps) if stamp > kept), len(self._stamps))
        del self._entries[:over], self._stamps[:over]

    async def _number(self) -> int:
        async with self._begin() as uow:
            numbering = Numbering(uow)
            last = await numbering.place()
            # Not the unit's instant: it was read before the marks' own transactions had committed.
            return await numbering.stamp(last, self._clock.now())

    def _take(self, rows: Sequence[Row], known: int, last: int) -> None:
        """Remember what is new behind `known`; it ends at the last place, and what is missing is not kept any more."""
        last = rows[-1]["position"] if rows else last
        if not known or not rows or rows[0]["position"] != known + 1:
            self._entries, self._stamps = [], []
        self._entries += [_entry(row) for row in rows]
        self._stamps += [row["numbered_at"] for row in rows]
        self._last = last
        self._news.set()
        self._news = asyncio.Event()


def _entry(row: Row) -> Revocation:
    # Every token that the mark voids was minted before its stamp: in that second at the latest.
    not_after = ALWAYS if row["kind"] == "kid" else to_seconds(row["numbered_at"]) + 1
    return Revocation(row["position"], row["kind"], row["value"], not_after)
