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
from app.sso import diagnosis_causes as causes
from app.sso.callback_errors import AmbiguousConnectionSelector
from app.sso.diagnosis import Diagnosis
from app.sso.errors import SsoDisabled
from app.sso.remedies import INVALID_CONNECTION, USERS_NOT_SYNCING, remedy_of, titled
from app.sso.trace import read_details
from app.users.attributes import REQUIRED, mapping_of
from app.users.errors import DomainNotAllowed, IdentityConflict, UserDeactivated, UserNotProvisioned
from app.workos.noticed import API, API_KEY, CLIENT, SIGN_INS

_SOON: Final = timedelta(days=30)
_SYNCS: Final = {"failed": "failed", "needs_confirmation": "waits for a confirmation"}


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
    return [_failed(check, failing[check.name], found) if check.name in failing else check for check in told]


def _check_of(problem: Problem, found: Diagnosis) -> str:
    """Return the name of the check that a problem is told by."""
    match problem:
        case UserDeactivated():
            return "directory" if causes.shut_out_by(found) and not causes.by_hand(found) else "account"
        case UserNotProvisioned():
            if causes.contested(found):
                return "domain"
            return "directory" if causes.directory_decides(found) else "account"
        case _:
            return _CHECKS.get(type(problem), "account")


def _failed(check: Check, problem: Problem, found: Diagnosis) -> Check:
    """Return a check that failed: what is known, after what a sign-in would say, and what an administrator does."""
    cause = causes.cause_of(problem, found)
    evidence = cause.said if check.name == "settings" else f"{cause.said} {check.evidence}"
    return Check(check.name, "failed", evidence, cause.remedy)


def _settings(_found: Diagnosis) -> Check:
    return Check("settings", "ok", "MemberPulse's own connection to WorkOS is set up as far as a sign-in needs it.")


def _workos(found: Diagnosis) -> Check:
    """Tell of WorkOS itself. A warning: it is over in a while, and nothing of it is this person's or company's."""
    for what, (said, remedy) in _FAILING.items():
        since = found.failing.get(what)
        if since is not None:
            return Check("workos", "warning", said.format(wire(since)), remedy)
    return Check("workos", "ok", "As far as is known here, WorkOS answers and takes sign-ins.")


def _organization(found: Diagnosis) -> Check:
    home = found.evidence.home
    return Check("organization", "ok", f"{home['name']} is {home['state']}.")


def _domain(found: Diagnosis) -> Check:
    home = found.evidence.home
    state = home["domain_state"]
    said = f"{found.domain} is {'not known here' if state is None else _words(state)}."
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
    said = "; ".join(f"{row['name']} is {_words(row['state'])}" for row in rows)
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
    said = f"The certificate of {first['name']} is valid until {wire(until)}."
    if until > found.at + _SOON:
        return Check("certificate", "ok", said)
    if until <= found.at:
        said = f"The certificate of {first['name']} expired on {wire(until)}: WorkOS refuses what it signs."
    remedy = "Renew the signing certificate at the identity provider and give it to WorkOS (Admin Portal link)."
    return Check("certificate", "warning", said, remedy)


def _returning(found: Diagnosis) -> Check:
    lost, last = found.lost
    if lost == 0 or last is None:
        return Check("returning", "ok", "Every sign-in of the last day came back from WorkOS.")
    said = f"{lost} sign-ins of the last day went to WorkOS and never came back, the last in the hour of {wire(last)}."
    remedy = f"If people see an error page of WorkOS or of the identity provider: {INVALID_CONNECTION}"
    return Check("returning", "warning", said, remedy)


def _directory(found: Diagnosis) -> Check:
    rows, entries = found.evidence.directories, found.evidence.entries
    if not rows and not entries:
        return Check("directory", "ok", "No directory is linked, so none has to let the person in.")
    lines = [causes.ENTRIES[row["state"]].format(row["directory"]) for row in entries]
    said = f"{'; '.join(lines) or 'No directory knows this address'}."
    for row in rows:
        if row["state"] not in {"linked", "validating"}:
            return Check("directory", "warning", f"{said} {row['name']} is {_words(row['state'])}.", USERS_NOT_SYNCING)
        if row["last_synced_at"] is None:
            unread = f"{said} {row['name']} has not been read completely yet."
            return Check("directory", "warning", unread, USERS_NOT_SYNCING)
        if row["last_status"] in _SYNCS:
            last = f"The last sync of {row['name']} {_SYNCS[row['last_status']]}: {row['last_error'] or ''}"
            return Check("directory", "warning", f"{said} {last.strip(' :')}", USERS_NOT_SYNCING)
    return Check("directory", "ok", said)


def _account(found: Diagnosis) -> Check:
    """Tell of the account; green only where there is one and it is active, or other checks would contradict it."""
    people = found.evidence.people
    if not people:
        then = " yet: the first sign-in adds them." if found.can_sign_in else "."
        return Check("account", "unknown", f"Nobody here has this address{then}")
    if len(people) > 1:
        return Check("account", "ok", f"{len(people)} people here have this address.")
    (person,) = people
    if person["state"] == "active":
        return Check("account", "ok", "They have an account here, and it is active.")
    said = f"They have an account here, deactivated{causes.BY[person['deactivated_by']]}."
    return Check("account", "warning" if found.can_sign_in else "failed", said, causes.removed(found).remedy)


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
        return Check("attempts", "unknown", "No attempt to sign in with this address is known of the last 30 days.")
    last = found.attempts[0]
    if last["outcome"] == "completed":
        return Check("attempts", "ok", f"The last one, at {wire(last['at'])}, succeeded.")
    error = read_details(last["details"]).get("error")
    word = f" WorkOS's word for it: {error}." if error else ""
    said = f"The last one, at {wire(last['at'])}, failed: {titled(last['problem'])}{word}"
    return Check("attempts", "warning", said, remedy_of(last["problem"]))


def _sessions(found: Diagnosis) -> Check:
    live = sum(row["sessions"] for row in found.evidence.people)
    said = "They have one live session." if live == 1 else f"They have {live or 'no'} live sessions."
    return Check("sessions", "ok", said)


def _words(state: str) -> str:
    return state.replace("_", " ")


_LASTING: Final = "If it lasts, tell MemberPulse support: their Health page says what to do."
_REFUSED: Final = (
    "WorkOS has refused MemberPulse's own credentials since {}: nobody can sign in meanwhile.",
    "Tell MemberPulse support: their Health page says what to do.",
)
_FAILING: Final[Mapping[str, tuple[str, str]]] = {
    API: (
        "WorkOS has not answered since {}: nobody can sign in meanwhile. Who is signed in stays so.",
        f"Let them try again when WorkOS answers. {_LASTING}",
    ),
    SIGN_INS: (
        "WorkOS has answered no sign-in since {}: nobody can sign in meanwhile. Who is signed in stays so.",
        f"Let them try again in some minutes. {_LASTING}",
    ),
    CLIENT: _REFUSED,
    API_KEY: _REFUSED,
}
_LOOKS: Final[tuple[Callable[[Diagnosis], Check], ...]] = (
    _settings, _workos, _organization, _policy, _connection, _certificate, _returning, _domain, _mapping, _directory,
    _account, _attempts, _sessions,
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
