"""WorkOS's documented answers, each to be changed field by field (workos.md section 2)."""

from typing import Any

import httpx

from tests.fakes.workos_records import LONG_AGO

WHEN = LONG_AGO.isoformat().replace("+00:00", "Z")


def a_profile_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return the token endpoint's answer, as workos.md section 2 gives it; `changes` go into the profile."""
    profile = {
        "object": "profile",
        "id": "prof_1",
        "organization_id": "org_1",
        "connection_id": "conn_1",
        "connection_type": "OktaSAML",
        "idp_id": "00u1",
        "email": "ada@acme.example",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "name": "Ada Lovelace",
        "role": {"slug": "member"},
        "roles": [{"slug": "member"}],
        "groups": ["Engineering"],
        "custom_attributes": {"department_name": "Research"},
        "raw_attributes": {},
        **changes,
    }
    return {"token_type": "Bearer", "access_token": "not kept", "expires_in": 600, "profile": profile}


def a_connection_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return a connection as the API gives it."""
    return {
        "object": "connection",
        "id": "conn_1",
        "organization_id": "org_1",
        "connection_type": "OktaSAML",
        "name": "Acme Okta",
        "state": "active",
        "status": "linked",
        "domains": [{"object": "connection_domain", "id": "cd_1", "domain": "acme.example"}],
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def a_directory_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return a directory as the API gives it."""
    return {
        "object": "directory",
        "id": "directory_1",
        "organization_id": "org_1",
        "external_key": "k3y",
        "type": "okta scim v2.0",
        "state": "linked",
        "name": "Acme Okta",
        "domain": "acme.example",
        "metadata": {"users": {"active": 12, "inactive": 1}, "groups": 4},
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def a_directory_user_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return a person of a directory as the API gives it."""
    return {
        "object": "directory_user",
        "id": "directory_user_1",
        "directory_id": "directory_1",
        "organization_id": "org_1",
        "idp_id": "00u1",
        "email": "ada@acme.example",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "name": "Ada Lovelace",
        "state": "active",
        "custom_attributes": {"department_name": "Engineering", "job_title": "Head of Engineering"},
        "role": {"slug": "member"},
        "roles": [{"slug": "member"}],
        "emails": [],
        "job_title": None,
        "username": None,
        "raw_attributes": {},
        "groups": [],
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def a_directory_group_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return a group of a directory as the API gives it."""
    return {
        "object": "directory_group",
        "id": "directory_group_1",
        "idp_id": "00g1",
        "directory_id": "directory_1",
        "organization_id": "org_1",
        "name": "MemberPulse Admins",
        "raw_attributes": {},
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def an_event_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return an event as the Events API and a webhook give it."""
    return {
        "object": "event",
        "id": "event_1",
        "event": "dsync.user.created",
        "data": a_directory_user_answer(),
        "created_at": WHEN,
        "context": {},
        **changes,
    }


def an_organization_answer(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 -- any field of the answer
    """Return an organization as the API gives it."""
    domain = {"object": "organization_domain", "id": "dom_1", "domain": "acme.example", "state": "verified"}
    return {
        "object": "organization",
        "id": "org_1",
        "name": "Acme Corp",
        "domains": [domain],
        "metadata": {},
        "external_id": None,
        "created_at": WHEN,
        "updated_at": WHEN,
        **changes,
    }


def a_list(*items: dict[str, Any], after: str | None = None) -> dict[str, Any]:
    """Return a page of a list."""
    return {"object": "list", "data": list(items), "list_metadata": {"before": None, "after": after}}


def a_page(found: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
    """Return the page of these that a request asks for."""
    query = request.url.params
    start = next((n for n, one in enumerate(found, 1) if one["id"] == query.get("after")), 0)
    page = found[start : start + int(query["limit"])]
    after = page[-1]["id"] if start + len(page) < len(found) else None
    return httpx.Response(200, json=a_list(*page, after=after))


def missing() -> httpx.Response:
    """Return WorkOS's 404."""
    return httpx.Response(404, json={"code": "entity_not_found", "message": "…"})
