"""Checks: a diagnosis in words, each with what to do; pure. What fails is what a sign-in would fail with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from app.connections.errors import ConnectionInactive
from app.http.wire import wire
from app.kit.rows import Row
from app.organizations.errors import OrganizationSuspended, OrganizationUnknown
from app.organizations.policy import chosen_connection
from app.problems import Problem, SettingsIncomplete
from app.sso.callback_errors import AmbiguousConnectionSelector
from app.sso.diagnosis import Diagnosis
from app.sso.errors import SsoDisabled
from app.sso.remedies import INVALID_CONNECTION, USERS_NOT_SYNCING, remedy_of, titled
from app.sso.trace import read_details
from app.users.attributes import REQUIRED, mapping_of
from app.users.errors import DomainNotAllowed, IdentityConflict, UserDeactivated, UserNotProvisioned

_SOON: Final = timedelta(days=30)
_DECIDING: Final = ("linked", "validating", "invalid_credentials")
_AT_FIRST_LOGIN: Final = "Nobody here has this address yet: the first sign-in makes them."


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `result` is `ok`, `warning`, `failed` or `unknown`."""

    name: str
    result: str
    evidence: str
    remedy: str | None = None

    def shape(self) -> dict[str, Any]:
        """Return the wire shape."""
        return {"name": self.name, "result": self.result, "evidence": self.evidence, "remedy": self.remedy}


def checks(found: Diagnosis) -> list[Check]:
    """Return every check, in the order in which a sign-in passes them."""
    told = [look(found) for look in _LOOKS]
    failing = {_check_of(problem, found): problem for problem in reversed(found.problems)}
    return [_failed(check, failing[check.name]) if check.name in failing else check for check in told]


def _check_of(problem: Problem, found: Diagnosis) -> str:
    """Return the name of the check that a problem is told by."""
    removed = any(row["state"] in {"inactive", "deleted"} for row in found.evidence.entries)
    match problem:
        case UserDeactivated():
            return "directory" if removed and not _by_hand(found) else "account"
        case UserNotProvisioned():
            return "directory" if _decides(found) else "account"
        case _:
            return _CHECKS.get(type(problem), "account")


def _failed(check: Check, problem: Problem) -> Check:
    """Return a check that failed: what is known, after what a sign-in would say, and what an administrator does."""
    said = _SAID.get(type(problem), problem.title)
    evidence = said if check.name == "settings" else f"{said} {check.evidence}"
    remedy = USERS_NOT_SYNCING if check.name == "directory" else _REMEDIES.get(type(problem)) or problem.remedy
    return Check(check.name, "failed", evidence, remedy)


def _settings(_found: Diagnosis) -> Check:
    return Check("settings", "ok", "MemberPulse's own connection to WorkOS is set up as far as a sign-in needs it.")


def _organization(found: Diagnosis) -> Check:
    home = found.evidence.home
    return Check("organization", "ok", f"{home['name']} is {home['state']}.")


def _domain(found: Diagnosis) -> Check:
    home = found.evidence.home
    state = home["domain_state"]
    said = f"{found.domain} is {'not known here' if state is None else state}."
    if state == "verified":
        if found.by.kind == "domain":
            return Check("domain", "ok", said)
        return Check(
            "domain",
            "warning",
            f"{said} By the address alone the organization is not found: the domain is not proven to be its own alone.",
            "Sign in by the organization's own link, and let MemberPulse support look at the domain.",
        )
    if home["allow_foreign_domains"]:
        return Check("domain", "ok", f"{said} The policy lets guests of other domains in.")
    return Check("domain", "ok", said)


def _policy(found: Diagnosis) -> Check:
    home = found.evidence.home
    said = "Single sign-on is required." if home["required"] else "Single sign-on is offered."
    return Check("policy", "ok", said if home["enabled"] else "Single sign-on is switched off.")


def _connection(found: Diagnosis) -> Check:
    rows = found.evidence.connections
    if not rows:
        return Check("connection", "ok", "The organization has no connection.", INVALID_CONNECTION)
    said = "; ".join(f"{row['name']} ({row['workos_id']}) is {row['state']}" for row in rows)
    active = [row["id"] for row in rows if row["state"] == "active"]
    if active and chosen_connection(active, found.evidence.home["default_connection_id"]) is None:
        return Check(
            "connection", "warning", f"{said}. None of them is the default.", AmbiguousConnectionSelector.remedy
        )
    return Check("connection", "ok", f"{said}.")


def _certificate(found: Diagnosis) -> Check:
    dated = [row for row in found.evidence.connections if row["state"] == "active" and row["certificate_expires_at"]]
    if not dated:
        return Check("certificate", "unknown", "WorkOS has told of no certificate that is about to expire.")
    first: Row = min(dated, key=lambda row: row["certificate_expires_at"])
    until = first["certificate_expires_at"]
    said = f"The certificate of {first['name']} is good until {wire(until)}."
    if until > found.at + _SOON:
        return Check("certificate", "ok", said)
    if until <= found.at:
        said = f"The certificate of {first['name']} has expired on {wire(until)}: WorkOS refuses what it signs."
    remedy = "Renew the signing certificate at the identity provider and give it to WorkOS (Admin Portal link)."
    return Check("certificate", "warning", said, remedy)


def _returning(found: Diagnosis) -> Check:
    lost, last = found.lost
    if lost == 0 or last is None:
        return Check("returning", "ok", "Of the last day every sign-in came back from WorkOS.")
    said = f"{lost} sign-ins of the last day went to WorkOS and never came back, the last in the hour of {wire(last)}."
    remedy = f"If people see an error page of WorkOS or of the identity provider: {INVALID_CONNECTION}"
    return Check("returning", "warning", said, remedy)


def _directory(found: Diagnosis) -> Check:
    rows, entries = found.evidence.directories, found.evidence.entries
    if not rows and not entries:
        return Check("directory", "ok", "No directory is linked, so none has to let the person in.")
    lines = [f"{row['directory']} says {row['state']}" for row in entries]
    said = f"{'; '.join(lines) or 'No directory knows this address'}."
    for row in rows:
        if row["state"] not in {"linked", "validating"}:
            return Check("directory", "warning", f"{said} {row['name']} is {row['state']}.", USERS_NOT_SYNCING)
        if row["last_synced_at"] is None:
            return Check("directory", "warning", f"{said} {row['name']} was not read whole yet.", USERS_NOT_SYNCING)
        if row["last_status"] in {"failed", "needs_confirmation"}:
            last = (
                f"The last sync of {row['name']} has {row['last_status'].replace('_', ' ')}: {row['last_error'] or ''}"
            )
            return Check("directory", "warning", f"{said} {last.strip()}", USERS_NOT_SYNCING)
    return Check("directory", "ok", said)


def _account(found: Diagnosis) -> Check:
    people = found.evidence.people
    if not people:
        return Check("account", "ok", _AT_FIRST_LOGIN if found.can_sign_in else "Nobody here has this address.")
    if len(people) > 1:
        return Check("account", "ok", f"{len(people)} people here have this address.")
    by = {"admin": ", by an administrator", "directory": ", by the directory"}.get(
        people[0]["deactivated_by"] or "", ""
    )
    return Check("account", "ok", f"Known here, {people[0]['state']}{by}.")


def _mapping(found: Diagnosis) -> Check:
    written = found.evidence.home["attribute_mappings"]
    mapping = mapping_of(written)
    whose = "default mapping" if written is None else "organization's own mapping"
    if found.missing is None:
        fed = "; ".join(f"{field} from {' or '.join(mapping[field])}" for field in REQUIRED)
        return Check("mapping", "ok", f"By the {whose}: {fed}.")
    paths = " or ".join(mapping.get(found.missing, ()))
    said = f"When they last tried, {found.missing} was missing: none of {paths} had a value ({whose})."
    remedy = "Map it at the identity provider, or change the attribute mapping; then let them sign in again."
    return Check("mapping", "failed", said, remedy)


def _attempts(found: Diagnosis) -> Check:
    if not found.attempts:
        return Check("attempts", "unknown", "No attempt of the last 30 days is known by this address.")
    last = found.attempts[0]
    if last["outcome"] == "completed":
        return Check("attempts", "ok", f"The last one, of {wire(last['at'])}, succeeded.")
    error = read_details(last["details"]).get("error")
    word = f" WorkOS's word for it: {error}." if error else ""
    said = f"The last one, of {wire(last['at'])}, failed: {titled(last['problem'])}{word}"
    return Check("attempts", "warning", said, remedy_of(last["problem"]))


def _sessions(found: Diagnosis) -> Check:
    live = sum(row["sessions"] for row in found.evidence.people)
    return Check("sessions", "ok", f"{live} sessions of theirs are alive.")


def _by_hand(found: Diagnosis) -> bool:
    return any(row["deactivated_by"] == "admin" for row in found.evidence.people)


def _decides(found: Diagnosis) -> bool:
    rows = found.evidence.directories
    return any(row["last_synced_at"] is not None and row["state"] in _DECIDING for row in rows)


_LOOKS: Final[tuple[Callable[[Diagnosis], Check], ...]] = (
    _settings, _organization, _policy, _connection, _certificate, _returning, _domain, _mapping, _directory, _account,
    _attempts, _sessions,
)  # fmt: skip
_CHECKS: Final[Mapping[type[Problem], str]] = {
    SettingsIncomplete: "settings",
    OrganizationSuspended: "organization",
    OrganizationUnknown: "organization",
    SsoDisabled: "policy",
    ConnectionInactive: "connection",
    DomainNotAllowed: "domain",
    IdentityConflict: "account",
}
# The problems' own words are for whoever signs in; these are for who administrates.
_SAID: Final[Mapping[type[Problem], str]] = {
    DomainNotAllowed: "The address is in no domain that this organization has verified.",
    IdentityConflict: "Several people share this address, so it is not known who signs in.",
    UserDeactivated: "The person's access was removed.",
    UserNotProvisioned: "Nobody has given the person access, and a sign-in may not make them.",
}
_REMEDIES: Final[Mapping[type[Problem], str]] = {
    ConnectionInactive: INVALID_CONNECTION,
    SettingsIncomplete: "MemberPulse's operators complete the WorkOS settings; tell MemberPulse support.",
    SsoDisabled: "Switch single sign-on on in the organization's authentication settings.",
    DomainNotAllowed: "Verify the domain (Admin Portal link, domain_verification), or let guests in by the policy.",
    UserDeactivated: "Make the person active again; whom a directory removed, it brings back.",
    UserNotProvisioned: "Let the policy provision people at sign-in, or let a directory bring them.",
    IdentityConflict: "Remove the address from all but one of the people who have it.",
}
