"""Group -> role: the contract's defaults, in order, and the platform's role for the platform's own people only."""

import pytest

from app.access.roles import CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN
from app.directories.rules import Rule, role_of, rules_for

ADMINS, STAFF, MEMBERS = "MemberPulse Admins", "MemberPulse Staff", "MemberPulse Members"
OPERATORS = "MemberPulse Platform Admins"


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        ((ADMINS,), CLIENT_ADMIN),
        ((STAFF,), CLIENT_USER),
        ((MEMBERS,), MEMBER),
        ((MEMBERS, STAFF, ADMINS), CLIENT_ADMIN),
        ((MEMBERS, STAFF), CLIENT_USER),
        (("Engineering", STAFF), CLIENT_USER),
        ((), "the default"),
        (("Engineering",), "the default"),
        ((OPERATORS,), "the default"),
        (("memberpulse admins",), "the default"),
        ((f"{ADMINS} ",), "the default"),
        (("MemberPulse",), "the default"),
    ],
)
def test_the_first_rule_that_matches_gives_the_one_role(groups: tuple[str, ...], role: str) -> None:
    assert role_of(groups, rules_for(is_platform=False), default="the default") == role


def test_only_the_platforms_own_organization_may_make_operators() -> None:
    assert PLATFORM_ADMIN not in {rule.role for rule in rules_for(is_platform=False)}
    platform = rules_for(is_platform=True)
    assert role_of((MEMBERS, OPERATORS, ADMINS), platform, default=MEMBER) == PLATFORM_ADMIN
    assert role_of((ADMINS,), platform, default=MEMBER) == CLIENT_ADMIN
    assert role_of((), platform, default=MEMBER) == MEMBER, "belonging to it grants nothing"


def test_the_order_of_the_rules_decides_and_not_that_of_the_groups() -> None:
    rules = (Rule("b", "second"), Rule("a", "first"))
    assert role_of(("a", "b"), rules, default="x") == role_of(("b", "a"), rules, default="x") == "second"
    assert role_of(("a",), (), default="x") == "x"
