"""Verbs of applying a run: its listing becomes the mirror, and the guard looks at what that does; one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from app.audit import service as audit
from app.db.driver import expect_many
from app.directories.errors import DirectoryNotLinked
from app.directories.listing_repository import Listing
from app.directories.mirror_repository import Mirror
from app.directories.plan import Plan
from app.directories.rules_repository import GroupRules
from app.directories.settling import Settled, resolve, settle
from app.directories.settling_repository import Settling
from app.directories.sync_models import SyncRun
from app.directories.sync_repository import SyncRuns
from app.uow import UnitOfWork

CLOCKS_DIFFER: Final = timedelta(minutes=3)
_GUARD_PEOPLE: Final = 10
_GUARD_SHARE: Final = 0.20


@dataclass(frozen=True, slots=True)
class Result:
    """What a run changed, or would change: counts, people, their fingerprint, and whether the guard objects."""

    changes: dict[str, Any]
    plan: list[dict[str, Any]]
    fingerprint: str
    held: bool


@dataclass(frozen=True, slots=True)
class _Watched:
    """What the guard compares: people whom the directory lets in, and the tenant's client admins."""

    active: int
    admins: int


async def apply(uow: UnitOfWork, run: SyncRun, *, platform: str | None) -> Result:
    """Make the mirror what the run's listing says, and people follow; return what that changed.

    The caller commits, or rolls back what is only a plan. The unit is the tenant's and holds its mirror's lock.

    Raises:
        DirectoryNotLinked: the directory was deleted while it was read.
    """
    await expect_many(uow.db)
    began = run.started_at or uow.now
    listing = Listing(uow, run.id, run.directory_id, began)
    before = await _watched(uow, listing)
    first = await listing.mark_synced(began - CLOCKS_DIFFER)
    if first is None:
        raise DirectoryNotLinked
    counts, settled = await _write(uow, listing, began - CLOCKS_DIFFER, first=first, platform=platform)
    after = await _watched(uow, listing)
    await listing.drop_pages()
    await audit.record(uow, "directory.synced", targets=[("directory", run.directory_id)], run=str(run.id))
    changes = _changes(run, counts, settled)
    plan = Plan(settled)
    named = await listing.named(plan.shown)
    held = _held(before, after, len(settled.deactivated))
    return Result(changes, plan.entries(named), plan.fingerprint(changes), held)


async def _write(
    uow: UnitOfWork, listing: Listing, as_of: datetime, *, first: bool, platform: str | None
) -> tuple[list[int], Settled]:
    """Write what is listed, let people follow; return the counts of what was written, and what became of people."""
    groups = await listing.groups()
    people, which = await listing.people(which=not first)
    await GroupRules(uow).name(groups[0])
    decided = await resolve(uow, None, platform=platform)
    added, removed, whose = await listing.memberships(as_of, whose=not first)
    counts = [*map(len, groups), *people, added, removed]
    if first:  # only now do its groups give roles to those who were there before
        moved = touched = await listing.everybody()
    else:
        moved = list({*whose, *await Mirror(uow).members([*groups[1], *groups[2], *decided])})
        touched = sorted({*moved, *which})
    await listing.unshow(moved)
    del which, whose, moved  # of a hundred thousand people ten megabytes each
    return counts, await settle(uow, touched, removed=True)


async def keep(uow: UnitOfWork, run: SyncRun, status: str, result: Result, error: tuple[str, str] | None) -> None:
    """Write down what a run changed or would change."""
    await SyncRuns(uow).finish(
        run.id, status, attempt=run.attempts, error=error, changes=result.changes, plan=result.plan,
        fingerprint=result.fingerprint,
    )  # fmt: skip


async def _watched(uow: UnitOfWork, listing: Listing) -> _Watched:
    return _Watched(await listing.active(), await Settling(uow).client_admins())


def _held(before: _Watched, after: _Watched, deactivated: int) -> bool:
    """Return whether so many would lose access that a person has to say yes (contract.md, the guard)."""
    many = deactivated > _GUARD_PEOPLE and deactivated > before.active * _GUARD_SHARE
    most = before.active > 1 and deactivated > before.active / 2
    # Whether they are let in no more or are in the group no more: nobody is left who could set it right.
    return many or most or (before.admins > 0 and after.admins == 0)


def _changes(run: SyncRun, counts: Sequence[int], settled: Settled) -> dict[str, Any]:
    made, changed, gone, new, updated, missing, added, removed = counts
    return {
        "users": {
            "created": new,
            "updated": updated,
            "deactivated": len(settled.deactivated),
            "deleted": missing,
            "unchanged": max(0, run.users_seen - new - updated),
        },
        "groups": {
            "created": made,
            "updated": changed,
            "deleted": gone,
            "unchanged": max(0, run.groups_seen - made - changed),
        },
        "memberships": {"added": added, "removed": removed},
        "roles_changed": len(settled.roles_changed),
        "sessions_ended": len(settled.sessions_ended),
    }
