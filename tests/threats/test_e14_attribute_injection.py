"""E14: what a directory writes is cut to its limit and shown as text (CSV comes with the audit export)."""

from typing import Any

from tests.builders import Tenant
from tests.deliveries import Inbox
from tests.directory_events import a_directory

HOSTILE = {
    "script": "<script>alert(1)</script>",
    "turned": "\u202egnp.exe",
    "formula": '=cmd|"/c calc"!A1',
    "long": "x" * 50_000,
    "quote": "\"}],'; drop table users --",
}
LIMIT = 256


async def test_e14_hostile_names_are_only_text(inbox: Inbox, tenant: Tenant) -> None:
    ada = await tenant.signed_in()
    home = await a_directory(inbox, tenant, synced=False)
    for name, hostile in HOSTILE.items():
        odd: dict[str, Any] = {"first_name": hostile, "last_name": hostile}
        odd["custom_attributes"] = {"job_title": hostile, hostile[:LIMIT]: 1}
        assert await inbox.applied(home.user(name, 1, **odd)) == ["done"], name
    answer = await ada.api("GET", f"/api/directories/{home.id}/users")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["x-content-type-options"] == "nosniff"
    shown = {person["workos_id"]: person for person in answer.json()["data"]}
    for name, hostile in HOSTILE.items():
        person = shown[home.user_id(name)]
        assert (person["first_name"], person["last_name"]) == (hostile[:LIMIT], hostile[:LIMIT])
        assert person["job_title"] == hostile[:LIMIT]
    assert shown[home.user_id("long")]["custom_attributes"] == {}, "more than is kept is none: half would be no JSON"
    assert shown[home.user_id("script")]["custom_attributes"][HOSTILE["script"]] == 1
