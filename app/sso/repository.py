"""Every statement over login flows, and where they may lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.db.driver import fetch
from app.db.lane import Lane
from app.kit.rows import Row
from app.queue.batch import together
from app.uow import UnitOfWork

_TARGETS = """
select wish, organization_id, organization_workos_id, organization_name, organization_state, enabled, required,
       allow_idp_initiated, default_connection_id, connection_id, connection_workos_id, connection_state,
       connection_type
from login_targets($1, $2)
"""
_OPEN = "select login_flows_open($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_TAKE = """
select asker, taken, ours, expired, organization_id, organization_workos_id, organization_state, connection_id,
       connection_workos_id, connection_state, verifier, return_to, mapping,
       began_at
from login_flows_take($1, $2, $3, $4)
"""


_SEALED_BEFORE = """
select state_hash, organization_id, verifier from login_flows
where substring(verifier from 1 for $2) <> $1 and state_hash > $3 order by state_hash limit $4
"""
# The blob it was made of is named: whoever takes the flow meanwhile finds one that opens.
_RESEAL = "update login_flows set verifier = $4 where organization_id = $1 and state_hash = $2 and verifier = $3"


@dataclass(frozen=True, slots=True)
class NewFlow:
    """A sign-in that begins; `sealed` is its PKCE verifier, or the profile that waits for a person's yes."""

    state_hash: bytes
    cookie_hash: bytes
    kind: str
    organization_id: UUID
    connection_id: UUID | None
    sealed: bytes
    return_to: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class _Ask:
    """One callback's claim on a flow. Compared by identity: two equal claims in one batch are two claimants."""

    state_hash: bytes
    cookie_hash: bytes
    kind: str
    now: datetime


class LoginFlows:
    """Login flows by exact key; what arrives together is asked and committed together (speed.md)."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def targets(self, kind: str, value: str) -> Sequence[Row]:
        """Return one row per connection of the organization that the selector names."""
        return await together(self._lane, _targets, (kind, value)) or ()

    async def open(self, flow: NewFlow) -> None:
        """Store a flow; it is committed when this returns."""
        await together(self._lane, _open, flow)

    async def take(self, state_hash: bytes, cookie_hash: bytes, kind: str, now: datetime) -> Row | None:
        """Consume a flow; return its row with `taken`, `ours` and `expired`, or None if unknown.

        `taken` is true for one caller ever, in whatever process.
        """
        return await together(self._lane, _take, _Ask(state_hash, cookie_hash, kind, now))


async def _targets(lane: Lane, wishes: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {wish: [] for wish in wishes}
    for row in await lane.fetch(_TARGETS, [kind for kind, _ in wishes], [value for _, value in wishes]):
        found[wishes[row["wish"] - 1]].append(row)
    return found


async def _open(lane: Lane, flows: Sequence[NewFlow]) -> dict[NewFlow, None]:
    await lane.fetch(_OPEN, *_columns(flows))
    return {}


async def open_in(uow: UnitOfWork, flow: NewFlow) -> None:
    """Store a flow in the unit's own transaction."""
    await fetch(uow.driver, _OPEN, *_columns([flow]))


def _columns(flows: Sequence[NewFlow]) -> tuple[list[object], ...]:
    return (
        [flow.state_hash for flow in flows],
        [flow.cookie_hash for flow in flows],
        [flow.kind for flow in flows],
        [flow.organization_id for flow in flows],
        [flow.connection_id for flow in flows],
        [flow.sealed for flow in flows],
        [flow.return_to for flow in flows],
        [flow.created_at for flow in flows],
        [flow.expires_at for flow in flows],
    )


async def _take(lane: Lane, asks: Sequence[_Ask]) -> dict[_Ask, Row]:
    rows = await lane.fetch(
        _TAKE,
        [ask.state_hash for ask in asks],
        [ask.cookie_hash for ask in asks],
        [ask.kind for ask in asks],
        max(ask.now for ask in asks),
    )
    return {asks[row["asker"] - 1]: row for row in rows}


async def purge(uow: UnitOfWork, before: datetime) -> None:
    """Delete flows that expired before `before`."""
    connection = await uow.db.connection()
    await connection.exec_driver_sql("select purge_login_flows($1)", (before,))


async def sealed_before(uow: UnitOfWork, mark: bytes, *, after: bytes, limit: int) -> Sequence[Row]:
    """Return (state_hash, organization_id, verifier) of flows whose verifier does not begin with `mark`, by hash.

    `uow` reads every tenant.
    """
    return await fetch(uow.driver, _SEALED_BEFORE, mark, len(mark), after, limit)


async def reseal(uow: UnitOfWork, state_hash: bytes, old: bytes, new: bytes) -> None:
    """Replace the sealed verifier of a flow of the unit's tenant."""
    await fetch(uow.driver, _RESEAL, uow.tenant, state_hash, old, new)
