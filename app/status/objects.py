"""Indicators of a tenant's own objects: directories and their syncs, connections, certificates."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.connections.repository import LOGIN_NOTED_EVERY
from app.organizations.policy import chosen_connection
from app.status import remedies
from app.status.facts import ConnectionFacts, DirectoryFacts, Facts
from app.status.reading import Finding, Reading, Status, of_objects, span

SYNCED_WITHIN: Final = timedelta(hours=24)
"""A full sync comes every six hours by itself: a day without one is no accident."""
FIRST_SYNC_WITHIN: Final = timedelta(hours=1)
CERTIFICATE_WARNING: Final = timedelta(days=30)
CERTIFICATE_FAILING: Final = timedelta(days=7)
_SYNCED: Final = frozenset({"linked", "validating", "invalid_credentials"})


def last_sync(facts: Facts) -> Reading:
    """Say how each directory's last full sync went."""
    findings = [_of_directory(one, facts.at) for one in facts.directories]
    return of_objects(findings, none="No directory is connected.", well="All directories are in step: {}.")


def connection_states(facts: Facts) -> Reading:
    """Say whether people can sign in over each connection."""
    active, used = _active(facts.connections), {one.organization_id for one in facts.connections if one.last_login_at}
    findings = [
        _of_connection(one, facts.at, active.get(one.organization_id, {}), is_in_use=one.organization_id in used)
        for one in facts.connections
    ]
    well = f"Every SSO connection in use is active: {sum(map(len, active.values()))}."
    return of_objects(findings, none="No SSO connection is set up.", well=well)


def certificates(facts: Facts) -> Reading:
    """Say which certificates of identity providers end soon. WorkOS tells their ends 90 days before and later."""
    findings = [
        _of_certificate(one, one.certificate_expires_at, facts.at)
        for one in facts.connections
        if one.certificate_expires_at
    ]
    return of_objects(
        findings, none="WorkOS has announced no certificate's end.", well="None ends soon, of those known: {}."
    )


def _of_directory(one: DirectoryFacts, at: datetime) -> Finding:
    status, said, since, remedy = _directory(one, at)
    return _finding(one, status, f"{one.name}: {said}", since, remedy)


def _directory(one: DirectoryFacts, at: datetime) -> tuple[Status, str, datetime | None, str | None]:
    if one.state == "invalid_credentials":
        said = "WorkOS cannot read it: the provider refuses its credentials."
        return "failing", said, one.updated_at, remedies.DIRECTORY_CREDENTIALS
    if one.state not in _SYNCED:
        return "warning", f"it is {one.state}: nobody is synced.", one.updated_at, remedies.DIRECTORY_DISCONNECTED
    synced = f"last synced {span(at - one.last_synced_at)} ago" if one.last_synced_at else "never synced"
    if one.run_status == "failed":
        return (
            "failing",
            f"{synced}; the last sync failed: {one.run_error}",
            one.failing_since,
            remedies.DIRECTORY_SYNC_FAILED,
        )
    if one.run_status == "needs_confirmation":
        said = f"{synced}; a sync is held until somebody confirms it."
        return "warning", said, one.run_ended_at, remedies.DIRECTORY_HELD
    due = one.last_synced_at + SYNCED_WITHIN if one.last_synced_at else one.created_at + FIRST_SYNC_WITHIN
    if at > due:
        return "warning", f"{synced}.", due, remedies.DIRECTORY_STALE
    return ("ok" if one.last_synced_at else "unknown"), f"{synced}.", None, None


def _active(connections: Sequence[ConnectionFacts]) -> dict[UUID, dict[UUID, ConnectionFacts]]:
    """Return each tenant's active connections, by their ids."""
    active: dict[UUID, dict[UUID, ConnectionFacts]] = defaultdict(dict)
    for one in connections:
        if one.state == "active":
            active[one.organization_id][one.id] = one
    return active


def _of_connection(
    one: ConnectionFacts, at: datetime, active: Mapping[UUID, ConnectionFacts], *, is_in_use: bool
) -> Finding:
    """Judge a connection among those of its tenant that are `active`; `is_in_use`: people came over one of them."""
    if one.state != "active":
        return _of_unusable(one, at, active, is_in_use=is_in_use)
    failed, came = one.last_failure_at, one.last_login_at
    last = f"the last sign-in was {span(at - came)} ago" if came else "nobody has signed in yet"
    # Not every sign-in of a busy connection is noted: one that failed between two of them is no news.
    if failed and _is_its_own(one) and (came is None or failed > came + LOGIN_NOTED_EVERY):
        said = f"{one.name}: {last}, and the latest try failed {span(at - failed)} ago: {one.last_failure_code}."
        return _finding(one, "warning", said, failed, remedies.CONNECTION_FAILED)
    if chosen_connection(active, one.default_connection_id) is None:
        said = (
            f"{one.name}: {last}; others are active too, and none is the default: WorkOS may not know which is meant."
        )
        return _finding(one, "warning", said, None, remedies.CONNECTION_UNDECIDED)
    return _finding(one, "ok", f"{one.name}: active; {last}.", None, None)


def _is_its_own(one: ConnectionFacts) -> bool:
    """Whether the latest failure was the connection's: where WorkOS did not answer, nothing is to be mended at it."""
    return not (one.last_failure_code or "").startswith("upstream_")


def _of_unusable(
    one: ConnectionFacts, at: datetime, active: Mapping[UUID, ConnectionFacts], *, is_in_use: bool
) -> Finding:
    """Judge a connection over which nobody can sign in: it is amiss where somebody may still be sent to it."""
    ended = one.state == "inactive"
    said = f"{one.name}: " + ("it is inactive" if ended else f"its set-up is not complete ({one.state})")
    if not active and ended and is_in_use and not one.last_login_at and one.id != one.default_connection_id:
        # What people came over is what failed; named first, this one would lead whoever mends it astray.
        return _finding(one, "ok", f"{said}, and nobody has ever signed in over it.", None, None)
    if not active:
        said += ", nobody can sign in over it."
        return _finding(one, "failing" if ended else "warning", said, one.updated_at, remedies.CONNECTION_INACTIVE)
    chosen = chosen_connection(active, one.default_connection_id)
    said += f"; people sign in over {active[chosen].name if chosen else f'one of {len(active)} others'}"
    if one.id == one.default_connection_id:
        return _finding(one, "warning", f"{said}, but it is the default.", one.updated_at, remedies.CONNECTION_DEFAULT)
    if one.last_login_at:
        said += f", but the last sign-in over this one was {span(at - one.last_login_at)} ago."
        return _finding(one, "warning", said, one.updated_at, remedies.CONNECTION_LEFT)
    if one.last_failure_at and one.last_failure_at > one.updated_at:
        said += f", but somebody tried to sign in over this one {span(at - one.last_failure_at)} ago."
        return _finding(one, "warning", said, one.last_failure_at, remedies.CONNECTION_LEFT)
    return _finding(one, "ok", f"{said}.", None, None)


def _of_certificate(one: ConnectionFacts, ends: datetime, at: datetime) -> Finding:
    left = ends - at
    said = (
        f"{one.name}: its certificate ends in {span(left)}."
        if left > timedelta()
        else (f"{one.name}: its certificate ended {span(-left)} ago.")
    )
    if left <= CERTIFICATE_FAILING:
        return _finding(one, "failing", said, ends - CERTIFICATE_FAILING, remedies.CERTIFICATE)
    if left <= CERTIFICATE_WARNING:
        return _finding(one, "warning", said, ends - CERTIFICATE_WARNING, remedies.CERTIFICATE)
    return _finding(one, "ok", said, None, None)


def _finding(
    one: ConnectionFacts | DirectoryFacts, status: Status, said: str, since: datetime | None, remedy: str | None
) -> Finding:
    return Finding(
        id=one.id,
        workos_id=one.workos_id,
        name=one.name,
        organization_id=one.organization_id,
        status=status,
        evidence=said,
        since=since,
        remedy=remedy,
    )


def of(organization: UUID, facts: Facts) -> tuple[Sequence[ConnectionFacts], Sequence[DirectoryFacts]]:
    """Return one tenant's connections and directories, of what was read of all."""
    return (
        tuple(one for one in facts.connections if one.organization_id == organization),
        tuple(one for one in facts.directories if one.organization_id == organization),
    )
