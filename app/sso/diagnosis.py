"""Diagnosis: why can this person (not) sign in; a journey from what is known to a sign-in that is rehearsed.

Whether they can is never worked out a second time: the doors' own choice of a connection, and the very code that lets
people in, say so. The checks explain it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app import uow as units
from app.kit.rows import Row
from app.kit.sightings import STALE, Sighting, merged
from app.organizations.errors import OrganizationUnknown
from app.organizations.policy import domain_of
from app.problems import Problem, SettingsIncomplete
from app.runtime import Runtime
from app.sso import flow
from app.sso.diagnosis_repository import Diagnosing, Evidence
from app.sso.login import learn
from app.sso.rehearsal import rehearse
from app.sso.selector import Selector, Target
from app.sso.trace import Trace, mark, read_details
from app.sso.trace_repository import Traces
from app.users.person import Person, fold
from app.workos.noticed import API, API_KEY, CLIENT, SIGN_INS

ATTEMPTS_SHOWN: Final = 5
_LOST_SINCE: Final = timedelta(hours=24)
_NAMELESS: Final = "Unknown"
_CREDENTIALS: Final = (CLIENT, API_KEY)  # a code is redeemed by both
_UPSTREAM: Final = (API, SIGN_INS, *_CREDENTIALS)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was found of an address in one organization.

    `by`: the selector by which a sign-in finds the organization. `problems`: what stands in the way of a sign-in, as
    the sign-in itself would say it. `missing`: the required field that did not come when they last tried, by the
    mapping of now. `lost`: how many sign-ins of the last day never came back from WorkOS, and the hour of the last.
    `failing`: what of WorkOS goes badly just now (`app/workos/noticed.py`), and since when.
    """

    email: str
    domain: str
    evidence: Evidence
    by: Selector
    problems: tuple[Problem, ...]
    missing: str | None
    attempts: Sequence[Row]
    lost: tuple[int, datetime | None]
    failing: Mapping[str, datetime]
    at: datetime

    @property
    def can_sign_in(self) -> bool:
        """Return whether the gateway would let them in, once their identity provider has said who they are."""
        return not self.problems and self.missing is None


async def diagnose(runtime: Runtime, home: UUID, email: str) -> Diagnosis:
    """Return what there is to know of an address in this organization; nothing is changed.

    Raises:
        ValueError: it is no address.
    """
    domain = domain_of(email)
    if domain is None:
        raise ValueError("no address")
    own = [runtime.sightings.untold(name) for name in _UPSTREAM]  # first: what is told meanwhile is read below
    async with units.beginner(runtime)(home) as uow:
        evidence = await Diagnosing(uow).read(fold(email), domain)
        attempts = await Traces(uow).of(fold(email), [row["id"] for row in evidence.people], most=ATTEMPTS_SHOWN)
        lost = await Traces(uow).abandoned(uow.now - _LOST_SINCE, None)
        upstream = await Diagnosing(uow).upstream(_UPSTREAM)
    by, problems = await _rehearsed(runtime, evidence, email, domain)
    missing = _missing(attempts, evidence.home["attribute_mappings"])
    now = runtime.clock.now()
    failing = _failing(upstream, own, now)
    return Diagnosis(email, domain, evidence, by, problems, missing, attempts, lost, failing, now)


def _failing(told: Sequence[Sighting], own: Sequence[Sighting], now: datetime) -> dict[str, datetime]:
    """Return what of WorkOS goes badly just now, and since when; this process may know more than was told.

    One answer that did not come is no outage; one word against our credentials is enough.
    """
    known = {one.name: one for one in told}
    latest = [merged(known.get(one.name) or Sighting(one.name), one) for one in own]
    return {
        one.name: one.bad_since
        for one in latest
        if one.bad_since and one.bad_at and one.bad_at > now - STALE and (one.lasts(now) or one.name in _CREDENTIALS)
    }


async def _rehearsed(
    runtime: Runtime, evidence: Evidence, email: str, domain: str
) -> tuple[Selector, tuple[Problem, ...]]:
    """Return how a sign-in finds the organization, and what stands in its way: first at its start, then at its end."""
    by, target, problems = await _target(runtime, evidence, email, domain)
    problems += _settings(runtime)
    if target is None:
        return by, problems
    ends: list[tuple[Problem, ...]] = []
    for one in _candidates(evidence, target):
        person = _person(evidence, one.connection_id, email, stranger=runtime.ids.token())
        assert one.connection_workos_id is not None  # noqa: S101 -- of a row of connections
        login = await learn(runtime, one, person, one.connection_workos_id, Trace())
        ends.append((await rehearse(runtime, login)).hindrances)
    # Where WorkOS chooses among several, one that lets them in will do.
    return by, problems + min(ends, key=len, default=())


async def _target(
    runtime: Runtime, evidence: Evidence, email: str, domain: str
) -> tuple[Selector, Target | None, tuple[Problem, ...]]:
    """Return where a sign-in would go: by the address where its domain leads here, else by the organization's link."""
    home = evidence.home["id"]
    by_domain, by_link = Selector("domain", domain, email), Selector("organization", str(home))
    try:
        target = await flow.find_target(runtime, by_domain)
    except OrganizationUnknown:
        target = None
    except Problem as problem:
        # Whose refusal that is does not matter where it is somebody else's: it is not told.
        return (by_domain, None, (problem,)) if _is_ours(evidence) else await _by_link(runtime, by_link)
    if target is not None and target.organization_id == home:
        return by_domain, target, ()
    return await _by_link(runtime, by_link)


async def _by_link(runtime: Runtime, link: Selector) -> tuple[Selector, Target | None, tuple[Problem, ...]]:
    try:
        return link, await flow.find_target(runtime, link), ()
    except Problem as problem:
        return link, None, (problem,)


def _is_ours(evidence: Evidence) -> bool:
    return evidence.home["domain_state"] == "verified"


def _settings(runtime: Runtime) -> tuple[Problem, ...]:
    try:
        runtime.workos.authorization_url(redirect_uri="", state="", code_challenge="", connection="conn")
    except SettingsIncomplete as problem:
        return (problem,)
    return ()


def _candidates(evidence: Evidence, target: Target) -> list[Target]:
    """Return the connections by which WorkOS may answer: the one that is chosen, or every active one."""
    if target.connection_id is not None:
        return [target]
    return [
        replace(target, connection_id=row["id"], connection_workos_id=row["workos_id"])
        for row in evidence.connections
        if row["state"] == "active"
    ]


def _person(evidence: Evidence, connection: UUID | None, email: str, *, stranger: str) -> Person:
    """Return the person as this connection's identity provider would describe them, as far as that is known here."""
    known = [row["idp_id"] for row in evidence.identities if row["connection_id"] == connection]
    mirrored = [row["idp_id"] for row in evidence.entries if row["idp_id"]]
    first, last = next(
        ((row["first_name"], row["last_name"]) for row in (*evidence.people, *evidence.entries)), (None, None)
    )
    return Person(
        idp_id=next(iter((*known, *mirrored)), stranger),
        profile_id="",
        email=email,
        first_name=first or _NAMELESS,
        last_name=last or _NAMELESS,
    )


def _missing(attempts: Sequence[Row], mapping: str | None) -> str | None:
    """Return the required field without which they last came, if they would come without it again."""
    last = next((row for row in attempts if row["outcome"] in {"completed", "failed"}), None)
    if last is None or last["step"] != "attributes":
        return None
    told = read_details(last["details"])
    return told.get("missing") if told.get("mapping") == mark(mapping) else None
