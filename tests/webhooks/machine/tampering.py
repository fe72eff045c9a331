"""Tampering: a worker's units that die at a chosen statement, or between which something happens."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import UUID

from app.db.driver import driver
from app.uow import Actor, Begin, UnitOfWork


class Killed(BaseException):
    """The worker died: nobody's `except Exception` may tidy up after it."""


class Tampered:
    """A Begin over another one. After `statements` (each commit counts as one) the worker dies; None: it lives.

    Before the `unit`-th unit `happens` is awaited.
    """

    def __init__(
        self,
        begin: Begin,
        *,
        statements: int | None = None,
        unit: int | None = None,
        happens: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._begin = begin
        self._statements = statements
        self._unit = unit
        self._happens = happens

    def burn(self) -> None:
        """Count a statement; raises Killed at the last one."""
        if self._statements is not None:
            self._statements -= 1
            if self._statements < 0:
                raise Killed

    @asynccontextmanager
    async def __call__(
        self, organization: UUID | None = None, *, actor: Actor | None = None
    ) -> AsyncGenerator[UnitOfWork]:
        """Open a unit as the Begin beneath does."""
        if self._unit is not None and self._happens is not None:
            self._unit -= 1
            if self._unit < 0:
                happens, self._happens = self._happens, None
                await happens()
        async with self._begin(organization, actor=actor) as uow:
            if self._statements is not None:
                raw = await driver(uow.driver)
                uow.db.info["driver"] = _Mortal(self, raw)
            yield uow
            self.burn()


class _Mortal:
    """A connection whose statements are counted."""

    def __init__(self, tampered: Tampered, raw: object) -> None:
        self._tampered = tampered
        self._raw = cast("Any", raw)

    def __getattr__(self, name: str) -> object:
        if name in {"fetch", "fetchrow", "execute"}:
            self._tampered.burn()
        return getattr(self._raw, name)
