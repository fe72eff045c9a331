"""The capability matrix of contract.md, written out once more and compared cell by cell."""

import itertools
from typing import Final

import pytest

from app.access.permissions import MATRIX, ROUTES, held_by, reach
from app.access.roles import ADMINS, CLIENT_ADMIN, CLIENT_USER, MEMBER, PLATFORM_ADMIN, RANK, SERVICE

ROLES = (PLATFORM_ADMIN, CLIENT_ADMIN, CLIENT_USER, MEMBER, SERVICE)
# contract.md, "Roles and the capability matrix": platform admin, client admin, client user, member, service.
CONTRACT: Final = """
    session:own           own  own  own  own  -
    settings:read         all  -    -    -    -
    settings:write        all  -    -    -    -
    organizations:manage  all  -    -    -    -
    organizations:read    all  own  own  -    -
    sso:configure         all  own  -    -    -
    connections:read      all  own  -    -    -
    directories:read      all  own  own  -    -
    directories:sync      all  own  -    -    -
    roles:map             all  own  -    -    -
    portal:link           all  own  -    -    -
    webhooks:read         all  own  -    -    -
    webhooks:replay       all  -    -    -    -
    audit:read            all  own  -    -    -
    audit:export          all  own  -    -    -
    alerts:acknowledge    all  -    -    -    -
    status:read           all  own  -    -    -
    users:read            all  own  -    -    -
    users:manage          all  own  -    -    -
    diagnostics:read      all  own  -    -    -
    clients:manage        all  -    -    -    -
    tokens:introspect     -    -    -    -    all
    revocations:read      -    -    -    -    all
"""
ROWS = [line.split() for line in CONTRACT.strip().splitlines()]
EXPECTED: dict[str, dict[str, str]] = {name: dict(zip(ROLES, cells, strict=True)) for name, *cells in ROWS}
# POST lists take their filters in the query and change nothing.
READING_POSTS = {"/api/auth/sso/connections", "/api/auth/sso/connections/{connection_id}"}


def test_the_matrix_has_exactly_the_contracts_capabilities() -> None:
    assert set(MATRIX) == set(EXPECTED)
    assert len(ROWS) == len(EXPECTED)
    assert {role for held in MATRIX.values() for role in held} <= set(ROLES)


@pytest.mark.parametrize("permission", EXPECTED)
def test_every_cell_is_the_contracts(permission: str) -> None:
    assert {role: reach(permission, (role,)) or "-" for role in ROLES} == EXPECTED[permission]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_holds_its_column(role: str) -> None:
    assert held_by((role,)) == sorted(name for name, cells in EXPECTED.items() if cells[role] != "-")


@pytest.mark.parametrize(
    ("permission", "roles", "expected"),
    [
        ("connections:read", (MEMBER, CLIENT_ADMIN), "own"),
        ("connections:read", (CLIENT_ADMIN, PLATFORM_ADMIN), "all"),
        ("connections:read", (PLATFORM_ADMIN, CLIENT_ADMIN), "all"),
        ("connections:read", (MEMBER, CLIENT_USER), None),
        ("connections:read", (), None),
        ("connections:read", ("ROLE_OWNER",), None),
        ("connections:read", ("role_client_admin",), None),
        ("connections:delete", (PLATFORM_ADMIN,), None),
        ("", (PLATFORM_ADMIN,), None),
    ],
)
def test_several_roles_reach_as_far_as_the_widest_and_unknown_ones_nowhere(
    permission: str, roles: tuple[str, ...], expected: str | None
) -> None:
    assert reach(permission, roles) == expected


def test_several_roles_hold_what_any_of_them_holds() -> None:
    assert held_by((MEMBER, CLIENT_USER)) == held_by((CLIENT_USER,))
    assert held_by((CLIENT_ADMIN, PLATFORM_ADMIN)) == held_by((PLATFORM_ADMIN,))
    assert held_by(()) == held_by(("ROLE_OWNER",)) == []


def test_a_higher_role_of_people_holds_all_that_a_lower_one_does() -> None:
    people = sorted(RANK, key=RANK.__getitem__)
    assert people == [MEMBER, CLIENT_USER, CLIENT_ADMIN, PLATFORM_ADMIN]
    for lower, higher in itertools.pairwise(people):
        assert set(held_by((lower,))) < set(held_by((higher,)))


def test_only_admins_change_things_over_the_api() -> None:
    changing = {
        permission
        for (method, path), permission in ROUTES.items()
        if path.startswith("/api/") and method != "GET" and path not in READING_POSTS
    }
    assert changing
    for permission in changing:
        assert permission is not None
        assert set(MATRIX[permission]) <= ADMINS, permission
