"""Group -> role rules, pure: ordered, first match wins (contract.md, "How the seed's rules land")."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN


@dataclass(frozen=True, slots=True)
class Rule:
    """Members of a group, by its name or its id, get `role`; `directory_id`: in this directory only.

    `position`: from 1, as it was written down: the rule of a group that is forgotten leaves a gap. 0: not numbered.
    """

    group: str | None
    role: str
    group_id: UUID | None = None
    directory_id: UUID | None = None
    position: int = 0


DEFAULT_RULES: Final = (
    Rule("MemberPulse Admins", CLIENT_ADMIN),
    Rule("MemberPulse Staff", CLIENT_USER),
    Rule("MemberPulse Members", MEMBER),
)
PLATFORM_RULE: Final = Rule("MemberPulse Platform Admins", PLATFORM_ADMIN)


def rules_for(*, is_platform: bool) -> tuple[Rule, ...]:
    """Return the rules of an organization; only the platform's own may grant ROLE_PLATFORM_ADMIN."""
    return (PLATFORM_RULE, *DEFAULT_RULES) if is_platform else DEFAULT_RULES


def numbered(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """Return the rules with their positions, from 1."""
    return tuple(replace(rule, position=place) for place, rule in enumerate(rules, 1))


def role_of(groups: Collection[str], rules: Sequence[Rule], *, default: str) -> str:
    """Return the role of the first rule whose group is among `groups`, else `default`."""
    for rule in rules:
        if rule.group in groups:
            return rule.role
    return default
