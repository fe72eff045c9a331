"""Trial steps: what a connection test shows of each step, pure; values as far as an administrator may see them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import msgspec

from app.http.wire import wire
from app.kit.rows import Row
from app.problems import Problem
from app.sso.rehearsal import Rehearsed
from app.sso.trace import STEPS, Step, Trace, shown
from app.users import attributes
from app.workos.records import Profile

HIDDEN: Final = "\u2022\u2022\u2022"
# Whatever a provider sends along that opens something, or is nobody's business here, by how people call it.
_SECRET: Final = re.compile(
    r"pass(word|wd|code|phrase)|secret|token|credential|private|api.?key|\bpin\b|otp|ssn|social.?sec|national.?id|tax|"
    r"birth|salary|iban|account.?number|hash",
    re.IGNORECASE,
)
_MOST: Final = 60
_ITEMS: Final = 30
_ENVELOPE: Final = frozenset({"object", "connection_id", "connection_type", "organization_id"})
_RUNS_AT_MOST: Final = timedelta(minutes=1)
_NOTHING: Final[dict[str, Any]] = {"attributes": {}, "mapping": {}, "groups": [], "roles": [], "problem": None}
_REDIRECT_URI: Final = (
    "Start again. If WorkOS shows an error page of its own, its Dashboard must have exactly our redirect URI, and the"
    " client id must be that of the same environment."
)
_DONE: Final[dict[Step, str]] = {
    "redirect": "The browser was sent to WorkOS.",
    "callback": "WorkOS sent the browser back with a code.",
    "code": "WorkOS redeemed the code.",
    "profile": "The answer is of this organization and this connection.",
    "attributes": "Everything that is required came.",
    "access": "Organization, policy, connection, domain, directory and account would let this person in.",
    "roles": "It is known which role this person would have.",
    "session": "A test makes no session.",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a test: `problem` is what a sign-in would have failed with, None where it would have succeeded."""

    trace: Trace
    problem: Problem | None
    mapping: Mapping[str, Sequence[str]]
    rehearsed: Rehearsed | None = None
    role: str | None = None
    """The role that the groups map to; None where a directory decides."""
    is_default: bool = False
    """No rule is for one of the groups: it is the organization's default role."""


def result(outcome: Outcome) -> dict[str, Any]:
    """Return what is kept of a test and shown."""
    problem, profile = outcome.problem, outcome.trace.profile
    return {
        "steps": steps(outcome),
        "attributes": {} if profile is None else values(profile),
        "mapping": {} if profile is None else mapped(profile, outcome.mapping),
        "groups": [] if profile is None else [shown(name) for name in _groups(profile, outcome.mapping)],
        "roles": list(outcome.rehearsed.signed_in.roles) if outcome.rehearsed and outcome.rehearsed.signed_in else [],
        "problem": None if problem is None else words(problem),
    }


def shape(row: Row, now: datetime) -> dict[str, Any]:
    """Return a test's wire shape, as of `now`."""
    status = _status(row, now)
    kept: dict[str, Any] = msgspec.json.decode(row["result"])
    return {
        "object": "connection_test",
        **{name: row[name] for name in ("id", "organization_id", "connection_id", "connection_workos_id")},
        "status": status,
        "started_by": row["started_by"],
        **{name: wire(row[name]) for name in ("created_at", "expires_at", "finished_at")},
        **_NOTHING,
        "steps": [_unfinished(name, status) for name in STEPS],
        **kept,
    }


def _status(row: Row, now: datetime) -> str:
    """Return where a test stands: one whose browser, or whose process, never came back is over too."""
    if row["status"] == "waiting" and row["expires_at"] <= now:
        return "expired"
    if row["status"] == "running" and row["claimed_at"] + _RUNS_AT_MOST <= now:
        return "expired"
    status: str = row["status"]
    return status


def _unfinished(name: Step, status: str) -> dict[str, Any]:
    if status == "expired":
        why = (
            "The browser did not come back from WorkOS within ten minutes, or what it brought was forgotten by a fault."
        )
        return {"name": name, "result": "skipped", "evidence": why, "remedy": _REDIRECT_URI}
    said = "Open the address in the browser that you are signed in with." if status == "waiting" else "Under way."
    return {"name": name, "result": "waiting", "evidence": said, "remedy": None}


def words(problem: Problem) -> dict[str, str]:
    """Return a problem's code and words."""
    return {
        "code": problem.code,
        "title": problem.title,
        "detail": problem.detail or problem.title,
        "remedy": problem.remedy,
    }


def steps(outcome: Outcome) -> list[dict[str, Any]]:
    """Return each step with what became of it: those before the last were taken, those after it were not."""
    last = STEPS.index(outcome.trace.step) if outcome.problem else len(STEPS) - 1
    return [_step(name, number - last, outcome) for number, name in enumerate(STEPS)]


def _step(name: Step, after: int, outcome: Outcome) -> dict[str, Any]:
    problem = outcome.problem
    if after > 0 or name == "session":
        why = _DONE["session"] if name == "session" else "Not reached."
        return {"name": name, "result": "skipped", "evidence": why, "remedy": None}
    if after == 0 and problem is not None:
        return {"name": name, "result": "failed", "evidence": _said(problem, outcome), "remedy": problem.remedy}
    tolerated = outcome.rehearsed.tolerated if name == "access" and outcome.rehearsed else ()
    if tolerated:
        said = " ".join(one.title for one in tolerated)
        evidence = f"{said} Once that is so no more, a sign-in would succeed."
        return {"name": name, "result": "warning", "evidence": evidence, "remedy": tolerated[0].remedy}
    evidence = _roles(outcome) if name == "roles" else _DONE[name]
    return {"name": name, "result": "ok", "evidence": evidence, "remedy": None}


def _said(problem: Problem, outcome: Outcome) -> str:
    said = problem.detail or problem.title
    error = outcome.trace.told_error
    return f"{said} WorkOS's word for it: {error}." if error else said


def _roles(outcome: Outcome) -> str:
    signed_in = outcome.rehearsed.signed_in if outcome.rehearsed else None
    if signed_in is None:
        return _DONE["roles"]
    why = "a directory decides" if outcome.role is None else "by the groups of the sign-in"
    if outcome.is_default:
        why = "the default role, as no role rule is for a group of the sign-in"
    who = "Nobody here yet: a sign-in would make them." if signed_in.created else "Somebody who is known here."
    return f"{', '.join(signed_in.roles)}: {why}. {who}"


def values(profile: Profile) -> dict[str, Any]:
    """Return the attributes that came, by the paths that a mapping writes; what opens something is hidden."""
    told: dict[str, Any] = {}
    for name, value in profile.attributes.items():
        if name in {"custom_attributes", "raw_attributes"} and isinstance(value, Mapping):
            nested = cast("Mapping[str, object]", value)
            told |= {f"{name}.{shown(key)}": _value(key, inner) for key, inner in nested.items()}
        elif name not in _ENVELOPE:
            told[shown(name)] = _value(name, value)
    return dict(list(told.items())[:_MOST])


def mapped(profile: Profile, mapping: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return, for each field, the value that it gets and the attribute that feeds it."""
    found: dict[str, Any] = {}
    for field in attributes.FIELDS:
        source = next(
            (
                path
                for path in mapping.get(field, ())
                if attributes.field_of(profile.attributes, {field: [path]}, field)
            ),
            None,
        )
        value = attributes.field_of(profile.attributes, mapping, field)
        found[field] = {
            "value": None if value is None else shown(value),
            "attribute": source,
            "required": field in attributes.REQUIRED,
        }
    return found


def _groups(profile: Profile, mapping: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return attributes.groups(profile.attributes, mapping)[:_ITEMS]


def _value(name: str, value: object, depth: int = 0) -> Any:  # noqa: ANN401 -- JSON
    if _SECRET.search(name):
        return HIDDEN
    match value:
        case str():
            return shown(value)
        case bool() | int() | float() | None:
            return value
        case list() if depth < 2:  # noqa: PLR2004 -- `emails[].value` and no deeper
            return [_value(name, item, depth + 1) for item in cast("list[object]", value)[:_ITEMS]]
        case Mapping() if depth < 2:  # noqa: PLR2004 -- as above
            items = list(cast("Mapping[str, object]", value).items())[:_ITEMS]
            return {shown(key): _value(key, item, depth + 1) for key, item in items}
        case _:
            return HIDDEN
