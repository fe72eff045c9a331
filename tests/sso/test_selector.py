"""The selector of a sign-in: what the caller named, and where it leads."""

from typing import Any
from uuid import UUID

import pytest

from app.connections.errors import ConnectionInactive
from app.organizations.errors import OrganizationSuspended, OrganizationUnknown
from app.sso.errors import SelectorRequired, SsoDisabled
from app.sso.selector import Selector, choose, parse

DEFAULT = UUID(int=9)
ORGANIZATION, OTHER = UUID(int=1), UUID(int=2)
FIRST, SECOND = UUID(int=11), UUID(int=12)


@pytest.mark.parametrize(
    ("query", "selector"),
    [
        ({"organization": "org_1"}, Selector("organization", "org_1")),
        ({"connection": "conn_1"}, Selector("connection", "conn_1")),
        ({"domain": "A.Example."}, Selector("domain", "a.example")),
        ({"domain": " b\u00fccher.example "}, Selector("domain", "xn--bcher-kva.example")),
        ({"email": "Ada@A.Example"}, Selector("domain", "a.example", "Ada@A.Example")),
        ({"email": "a@b@c.example"}, Selector("domain", "c.example", "a@b@c.example")),
        ({"organization": "org_1", "connection": "", "email": ""}, Selector("organization", "org_1")),
        ({"organization": "org_1", "return_to": "/x", "login_hint": "y"}, Selector("organization", "org_1")),
    ],
)
def test_exactly_one_is_taken(query: dict[str, str], selector: Selector) -> None:
    assert parse(query, DEFAULT) == selector


def test_none_means_the_default_connection() -> None:
    assert parse({"return_to": "/x"}, DEFAULT) == Selector("connection", str(DEFAULT))
    assert parse({"email": ""}, DEFAULT) == Selector("connection", str(DEFAULT))
    with pytest.raises(SelectorRequired):
        parse({}, None)


@pytest.mark.parametrize("default", [None, DEFAULT])
def test_several_are_refused(default: UUID | None) -> None:
    with pytest.raises(SelectorRequired):
        parse({"organization": "org_1", "domain": "a.example"}, default)
    with pytest.raises(SelectorRequired):
        parse({"domain": "a.example", "email": "a@a.example"}, default)


@pytest.mark.parametrize(
    "query",
    [
        {"email": "ada"},
        {"email": "@a.example"},
        {"email": "ada@"},
        {"email": "ada@a..example"},
        {"email": "ada@a_b.example"},
        {"domain": "a b.example"},
        {"domain": "."},
        {"domain": "-" * 64 + ".example"},
        {"domain": "a" * 321},
        {"organization": "o" * 321},
        {"email": "a" * 320 + "@a.example"},
        {"domain": "a\x00.example"},
    ],
    ids=str,
)
def test_what_cannot_name_anything_is_unknown(query: dict[str, str]) -> None:
    with pytest.raises(OrganizationUnknown):
        parse(query, DEFAULT)


def a_row(connection: UUID | None = FIRST, **changes: object) -> dict[str, Any]:
    return {
        "organization_id": ORGANIZATION,
        "organization_workos_id": "org_1",
        "organization_name": "A",
        "organization_state": "active",
        "enabled": True,
        "required": False,
        "allow_idp_initiated": False,
        "default_connection_id": None,
        "connection_id": connection,
        "connection_workos_id": f"conn_{connection.int}" if connection else None,
        "connection_state": "active" if connection else None,
        "connection_type": "OktaSAML",
        **changes,
    }


@pytest.mark.parametrize(
    ("rows", "connection"),
    [
        ([a_row()], FIRST),
        ([a_row(), a_row(SECOND, connection_state="inactive")], FIRST),
        ([a_row(default_connection_id=SECOND), a_row(SECOND, default_connection_id=SECOND)], SECOND),
        # The default is not active: the only active one serves.
        ([a_row(default_connection_id=SECOND), a_row(SECOND, connection_state="draft")], FIRST),
        # Several active ones and no default: WorkOS decides.
        ([a_row(), a_row(SECOND)], None),
    ],
)
def test_the_connection_is_the_default_else_the_only_active_one(rows: list[dict[str, Any]], connection: UUID) -> None:
    target = choose(rows)
    assert (target.organization_id, target.organization_workos_id) == (ORGANIZATION, "org_1")
    assert target.connection_id == connection
    assert target.connection_workos_id == (f"conn_{connection.int}" if connection else None)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], OrganizationUnknown),
        ([a_row(), a_row(SECOND, organization_id=OTHER)], OrganizationUnknown),
        ([a_row(organization_state="suspended")], OrganizationSuspended),
        ([a_row(enabled=False)], SsoDisabled),
        ([a_row(None)], ConnectionInactive),
        ([a_row(connection_state="inactive")], ConnectionInactive),
        ([a_row(connection_state="draft")], ConnectionInactive),
        ([a_row(connection_state="validating")], ConnectionInactive),
    ],
)
def test_nobody_signs_in_there(rows: list[dict[str, Any]], problem: type[Exception]) -> None:
    for pinned in (False, True):
        with pytest.raises(problem):
            choose(rows, pinned=pinned)


def test_a_named_connection_is_never_replaced_by_the_default() -> None:
    row = a_row(default_connection_id=SECOND)
    assert choose([row], pinned=True).connection_id == FIRST
    with pytest.raises(ConnectionInactive):
        choose([a_row(), a_row(SECOND)], pinned=True)
