"""The unusual: which events of the record make an alert, in which words, and what to do about it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec

from app.access.roles import ADMINS
from app.kit.rows import Row

Kind = Literal[
    "failed_sign_ins",
    "failed_sign_ins_from_address",
    "new_administrator",
    "mass_change",
    "secret_changed",
    "break_glass_used",
]
QUIET: Final = timedelta(hours=24)
"""An alert that has not happened again for so long is closed."""
FAILED: Final = "sso.login.failed"
FAILURES_WITHIN: Final = timedelta(minutes=5)
FAILURES_OF_ALL: Final = 20
FAILURES_OF_ONE_ADDRESS: Final = 10
CHANGES: Final = ("user.deactivated", "user.role_changed", "user.manual_roles_changed")
CHANGES_WITHIN: Final = timedelta(minutes=10)
MANY_CHANGES: Final = 20
_SECRETS: Final = frozenset({"service_client.created", "service_client.rotated", "key.compromised"})
_SETTINGS: Final = "settings."
_parse = msgspec.json.decode


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual: `subject` tells alerts of one kind apart, `evidence` holds ids and numbers."""

    kind: Kind
    subject: str
    at: datetime
    count: int
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """What an alert says to people: what happened, and what to do about it; `grave`: at once."""

    title: str
    remedy: str
    grave: bool = False


WORDS: Final[dict[Kind, Words]] = {
    "failed_sign_ins": Words(
        "Many sign-ins of this organization fail.",
        "Look at the sign-ins that failed, in the audit log: the same problem for all of them points at the"
        " connection's set-up, many addresses at somebody who tries.",
    ),
    "failed_sign_ins_from_address": Words(
        "Many sign-ins from one address fail.",
        "If the address is not the company's own, block it in front of the gateway; the audit log has its sign-ins.",
    ),
    "new_administrator": Words(
        "Somebody became an administrator.",
        "Ask whoever is responsible whether that was meant. Open the person's page: it says what gave the role.",
    ),
    "mass_change": Words(
        "Many people were deactivated or got other roles within minutes.",
        "Compare with the company's directory: a changed group or an empty one at the identity provider does that too.",
        grave=True,
    ),
    "secret_changed": Words(
        "A secret or setting of the platform was changed.",
        "If nobody of the operators did it, rotate it again and end all sessions of whoever the audit log names.",
    ),
    "break_glass_used": Words(
        "Emergency access was used.",
        "Find out who used it and why; the audit log has the session that began, and everything done with it.",
        grave=True,
    ),
}


def single(rows: Iterable[Row]) -> list[Finding]:
    """Return the findings that one event makes by itself."""
    found: list[Finding] = []
    for row in rows:
        action, evidence = row["action"], {"event_id": str(row["id"])}
        if action == "break_glass.used":
            found.append(Finding("break_glass_used", "", row["occurred_at"], 1, evidence))
        elif action.startswith(_SETTINGS) or action in _SECRETS:
            if row["actor_type"] != "system":
                found.append(Finding("secret_changed", action, row["occurred_at"], 1, evidence))
        elif _makes_administrator(action, _parse(row["metadata"])):
            subject = _subject(row)
            found.append(Finding("new_administrator", subject, row["occurred_at"], 1, evidence | {"user_id": subject}))
    return found


def ends(rows: Sequence[Row], actions: Iterable[str]) -> tuple[datetime, datetime] | None:
    """Return when the first and the last of these actions happened; None where there is none among the events."""
    wanted = set(actions)
    instants = [row["occurred_at"] for row in rows if row["action"] in wanted]
    return (min(instants), max(instants)) if instants else None


def bursts(at: datetime, of_all: int, by_address: Mapping[str, int]) -> list[Finding]:
    """Return what so many failed sign-ins within five minutes mean."""
    minutes = {"minutes": int(FAILURES_WITHIN.total_seconds() // 60)}
    found = [Finding("failed_sign_ins", "", at, of_all, minutes)] if of_all >= FAILURES_OF_ALL else []
    found += [
        Finding("failed_sign_ins_from_address", address, at, count, minutes | {"address": address})
        for address, count in by_address.items()
        if count >= FAILURES_OF_ONE_ADDRESS
    ]
    return found


def mass(at: datetime, count: int) -> list[Finding]:
    """Return what so many changes of people within ten minutes mean."""
    minutes = {"minutes": int(CHANGES_WITHIN.total_seconds() // 60)}
    return [Finding("mass_change", "", at, count, minutes)] if count >= MANY_CHANGES else []


def _makes_administrator(action: str, told: Mapping[str, Any]) -> bool:
    match action:
        case "user.role_changed":
            return told.get("role") in ADMINS and told.get("before") not in ADMINS
        case "user.manual_roles_changed":
            return bool(ADMINS.intersection(told.get("roles", ())).difference(told.get("before", ())))
        case "user.provisioned":
            return told.get("role") in ADMINS
        case "sso.login.completed":
            return bool(told.get("created")) and bool(ADMINS.intersection(told.get("roles", ())))
        case _:
            return False


def _subject(row: Row) -> str:
    """Return whom an event made an administrator."""
    if row["action"] == "sso.login.completed":
        return str(row["actor_id"])
    return next((target["id"] for target in _parse(row["targets"]) if target["type"] == "user"), "")
