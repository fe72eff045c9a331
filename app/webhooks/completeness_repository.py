"""The statements over how complete the inbox is: figures, what holds them back, what only WorkOS's list brought."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, select, text
from sqlalchemy.orm import defer

from app.db.driver import fetch_one
from app.uow import UnitOfWork
from app.webhooks.completeness import Figures
from app.webhooks.models import HEALED, WAITING, WebhookEvent

_FIGURES = """
select read_to, wanted_since, last_error, held_since, waiting, healed, unread from inbox_completeness($1)
"""
_SHOWN = select(WebhookEvent).options(defer(WebhookEvent.payload, raiseload=True))
_AT_MOST: Final = 100
# Written out, and not as parameters: else the planner does not know its partial indexes again.
_WAITING = text(f"({WAITING})")
_HEALED = text(HEALED)


async def figures(uow: UnitOfWork) -> Figures:
    """Return the figures of the unit's tenant; of all tenants where the unit has none."""
    row = await fetch_one(uow.driver, _FIGURES, uow.now)
    assert row is not None  # noqa: S101 -- the one row of event_polls is made by a migration and deleted by nobody
    return Figures(**row)


class _Lists:
    def __init__(self, uow: UnitOfWork, scoped: Select[WebhookEvent]) -> None:
        self._uow = uow
        self._scoped = scoped

    async def waiting(self) -> Sequence[WebhookEvent]:
        """Return the events that are not applied, the oldest 100 of them first."""
        oldest = self._scoped.where(_WAITING).order_by(WebhookEvent.occurred_at, WebhookEvent.id).limit(_AT_MOST)
        return (await self._uow.db.scalars(oldest)).all()

    async def healed(self) -> Sequence[WebhookEvent]:
        """Return the events that only WorkOS's list brought, the newest 100 of them."""
        received = WebhookEvent.received_at
        newest = self._scoped.where(_HEALED).order_by(received.desc(), WebhookEvent.id.desc()).limit(_AT_MOST)
        return (await self._uow.db.scalars(newest)).all()


class TenantLists(_Lists):
    """Events about one tenant's objects."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, _SHOWN.where(WebhookEvent.organization_id == uow.tenant))


class UnscopedLists(_Lists):
    """Events of every tenant and of none, for platform admins; on a pool whose role may only read."""

    def __init__(self, uow: UnitOfWork) -> None:
        super().__init__(uow, _SHOWN)


def lists(uow: UnitOfWork) -> _Lists:
    """Return what this unit may read: its tenant's events, or all in an unscoped unit."""
    return UnscopedLists(uow) if uow.organization is None else TenantLists(uow)
