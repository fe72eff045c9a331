"""Explanation: why a person has the roles that they have, in words; pure.

What won is read from what settling wrote down. Which other rules matched is worked out here, to say why they lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.access.roles import PLATFORM_ADMIN
from app.directories.evidence import Club, Entry, Evidence
from app.directories.rules import Rule
from app.http.wire import wire
from app.kit.rows import Row
from app.people.standing import STATES, in_force

Json = dict[str, Any]
_KEPT: Final = "A directory decides roles here but does not let this person in, so the role stays as it was."
_NOBODY: Final = "No directory knows this person and they have not signed in yet, so they get the default role."
_REMOVED: Final = "No directory lets this person in any more, so only the default role is left."
_NO_GROUP: Final = "No rule matches any of the person's groups, so they get the default role."
_BY_SIGN_IN: Final = "No directory decides, so the groups of the last sign-in did: {}."


@dataclass(frozen=True, slots=True)
class Told:
    """What other rooms say of the person: their last sign-in, and who gave which manual role."""

    login: Row | None
    given: Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class _Won:
    """The group that gave the mapped role."""

    entry: Entry
    club: Club
    position: int


def explain(evidence: Evidence, told: Told, *, user: object, platform: str | None) -> Json:
    """Return the wire shape of a person's explanation; `platform`: WorkOS's id of the platform's own organization."""
    is_platform = platform is not None and evidence.organization_workos_id == platform
    roles = in_force(evidence.mapped_role, evidence.manual_roles, is_platform=is_platform)
    won = winner(evidence)
    mapped = _mapped(evidence, told, won)
    mapped["in_force"] = evidence.state == "active" and (is_platform or evidence.mapped_role != PLATFORM_ADMIN)
    return {
        "object": "role_explanation",
        "user_id": user,
        "organization_id": evidence.organization_id,
        "state": STATES[evidence.state],
        "roles": roles if evidence.state == "active" else (),
        "mapped": mapped,
        "manual": [_given(role, told.given.get(role)) for role in evidence.manual_roles],
        "considered": [line for entry in evidence.entries for line in _considered(evidence, entry, won)],
        "directories": [_asked(entry) for entry in evidence.entries],
    }


def winner(evidence: Evidence) -> _Won | None:
    """Return what gave the mapped role: of the groups that count the one of the first rule, as settling takes it."""
    found = [
        _Won(entry, club, club.rule_position)
        for entry in evidence.entries
        if entry.decides
        for club in entry.clubs
        if club.rule_position is not None
    ]
    return min(found, key=lambda one: (one.position, one.entry.id), default=None)


def _mapped(evidence: Evidence, told: Told, won: _Won | None) -> Json:
    source, reason = _source(evidence, told, won)
    login = told.login if source == "sign_in" else None
    return {
        "role": evidence.mapped_role,
        "source": source,
        "reason": reason,
        "default_role": evidence.in_force.default_role,
        "rule": won and _rule_of(evidence, won.club, won.position),
        "group": won and _named(won.club),
        "directory": won and _directory(won.entry),
        "connection": login and {"id": login["id"], "workos_id": login["workos_id"], "name": login["name"]},
        "last_login_at": login and wire(login["last_login_at"]),
    }


def _source(evidence: Evidence, told: Told, won: _Won | None) -> tuple[str, str]:
    states = {entry.state for entry in evidence.entries}
    if won is not None:
        return "directory_rule", f"Rule {won.position} is the first that matches a group of the person."
    if any(entry.decides for entry in evidence.entries):
        return "directory_default", _NO_GROUP
    if states and not states.intersection({"active", "unmanaged"}):
        return "removed", _REMOVED
    if told.login is None:
        return "default", _NOBODY
    if evidence.directory_decides:
        return "kept", _KEPT
    return "sign_in", _BY_SIGN_IN.format(_by_name(evidence))


def _by_name(evidence: Evidence) -> str:
    """Return which rules may have given the role to a sign-in, whose groups have names only and are not kept."""
    rules = (rule for rule in evidence.in_force.rules if _by_login(rule))
    by_name = [f"rule {rule.position}" for rule in rules if rule.role == evidence.mapped_role]
    if evidence.mapped_role == evidence.in_force.default_role:
        by_name.append("no rule, so the default role")
    return " or ".join(by_name) or "by earlier rules"


def _by_login(rule: Rule) -> bool:
    return rule.group is not None and rule.directory_id is None


def _considered(evidence: Evidence, entry: Entry, won: _Won | None) -> list[Json]:
    """Return a line for each rule that matched a group of the person in this directory, or one where none did."""
    lines: list[tuple[int, Club]] = []
    without: list[Club] = []
    for club in entry.clubs:
        positions = _matching(evidence.in_force.rules, entry, club)
        lines += [(position, club) for position in positions]
        if not positions:
            without.append(club)
    lines.sort(key=lambda line: line[0])
    return [
        *(_matched(evidence, entry, club, position, won) for position, club in lines),
        *(_line("no_rule", _unmatched(evidence.in_force.rules, entry, club), None, club, entry) for club in without),
    ]


def _matching(rules: Sequence[Rule], entry: Entry, club: Club) -> list[int]:
    """Return the positions of the rules that match a group; the one that was written down is among them."""
    found = {
        rule.position
        for rule in rules
        if (rule.group_id == club.id or rule.group in club.holds) and rule.directory_id in {None, entry.directory_id}
    }
    return sorted(found if club.rule_position is None else {*found, club.rule_position})


def _matched(evidence: Evidence, entry: Entry, club: Club, position: int, won: _Won | None) -> Json:
    rule = _rule_of(evidence, club, position)
    if won is not None and (entry.id, club.id, position) == (won.entry.id, won.club.id, won.position):
        return _line("won", "The first rule that matches wins.", rule, club, entry)
    if not entry.decides:
        return _line("lost", _undecided(entry), rule, club, entry)
    if won is not None and position == won.position:
        return _line("lost", "The same rule matched in another directory, which comes first.", rule, club, entry)
    first = won.position if won else position
    return _line("lost", f"Rule {first} comes before it, and the first rule that matches wins.", rule, club, entry)


def _unmatched(rules: Sequence[Rule], entry: Entry, club: Club) -> str:
    for rule in rules:
        if club.name == rule.group and rule.directory_id not in {None, entry.directory_id}:
            return f"Rule {rule.position} is for a group of this name in another directory."
        if club.name == rule.group:
            return f"Rule {rule.position} is for another group, which had this name first."
    return "No rule names this group."


def _asked(entry: Entry) -> Json:
    return {
        "directory": _directory(entry),
        "directory_user_id": entry.id,
        "state": entry.state,
        "decides": entry.decides,
        "reason": "It lets the person in and has been read completely." if entry.decides else _undecided(entry),
    }


def _undecided(entry: Entry) -> str:
    if entry.state != "active":
        return f"This directory does not let the person in: there they are {entry.state}."
    if not entry.synced:
        return "This directory has not been read completely yet, and decides nothing until then."
    return f"This directory is {entry.directory_state}, and decides nothing."


def _line(outcome: str, reason: str, rule: Json | None, club: Club, entry: Entry) -> Json:
    place = {"group": _named(club), "directory": _directory(entry), "directory_user_id": entry.id}
    return {"outcome": outcome, "reason": reason, "rule": rule, **place}


def _rule_of(evidence: Evidence, club: Club, position: int) -> Json | None:
    """Return the rule at a position; None where the rules have been changed since the group was looked at."""
    rule = next((rule for rule in evidence.in_force.rules if rule.position == position), None)
    if rule is None or (position == club.rule_position and rule.role != club.role):
        return None
    told = {"group_id": rule.group_id, "group_name": rule.group, "directory_id": rule.directory_id}
    kind = "group_name" if rule.group_id is None else "group_id"
    return {"position": position, "role": rule.role, "matched_by": kind, **told}


def _named(club: Club) -> Json:
    return {"id": club.id, "workos_id": club.workos_id, "name": club.name}


def _directory(entry: Entry) -> Json:
    return {"id": entry.directory_id, "workos_id": entry.directory_workos_id, "name": entry.directory_name}


def _given(role: str, event: Row | None) -> Json:
    giver = event and {"type": event["actor_type"], "id": event["actor_id"]}
    return {"role": role, "given_by": giver, "given_at": event and wire(event["occurred_at"])}
