"""Directories, their people and groups, and events, as WorkOS answers for them over respx."""

from typing import Any

import httpx

from tests.workos.answers import (
    a_directory_answer,
    a_directory_group_answer,
    a_directory_user_answer,
    a_page,
    an_event_answer,
    missing,
)


class DirectoriesApi:
    """Ada and John, who is inactive, in directory_1 with two groups; directory_crowd with 103 people; 103 events."""

    def __init__(self) -> None:
        crowd = {"directory_id": "directory_crowd", "organization_id": "org_crowd"}
        self.directories = [
            a_directory_answer(),
            a_directory_answer(id="directory_crowd", organization_id="org_crowd"),
            a_directory_answer(id="directory_google", type="gsuite directory"),
        ]
        self.users = [
            a_directory_user_answer(),
            a_directory_user_answer(id="directory_user_2", email="john@acme.example", state="inactive"),
            *(a_directory_user_answer(id=f"directory_user_c{n}", **crowd) for n in range(103)),
        ]
        self.groups = [
            a_directory_group_answer(),
            a_directory_group_answer(id="directory_group_2", name="Nobody"),
        ]
        self.members = {"directory_group_1": ["directory_user_1"]}
        self.events = [an_event_answer(id=f"event_{n}") for n in range(103)]

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer any request of this part of the API."""
        match request.url.path.strip("/").split("/"):
            case ["directories", key, "sync"]:
                found = self._sync(key)
            case ["directories", key]:
                found = _one(self.directories, key)
            case ["directory_users", key]:
                found = _one(self.users, key)
            case ["directory_users"]:
                found = self._users(request)
            case ["directory_groups"]:
                found = self._of_directory(self.groups, request)
            case ["events"]:
                found = self._events(request)
            case _:
                found = missing()
        return found

    def _sync(self, key: str) -> httpx.Response:
        if key == "directory_google":
            return httpx.Response(202, json={"status": "queued"})
        if key in {one["id"] for one in self.directories}:
            return httpx.Response(422, json={"code": "directory_sync_unsupported", "message": "…"})
        return missing()

    def _users(self, request: httpx.Request) -> httpx.Response:
        group = request.url.params.get("group")
        if group is None:
            return self._of_directory(self.users, request)
        if group not in {one["id"] for one in self.groups}:
            return missing()
        return a_page([one for one in self.users if one["id"] in self.members.get(group, [])], request)

    def _of_directory(self, things: list[dict[str, Any]], request: httpx.Request) -> httpx.Response:
        asked = request.url.params["directory"]
        if asked not in {one["id"] for one in self.directories}:
            return missing()
        return a_page([one for one in things if one["directory_id"] == asked], request)

    def _events(self, request: httpx.Request) -> httpx.Response:
        query = request.url.params
        kinds = query["events"].split(",")
        if query.get("after", "event_0") not in {one["id"] for one in self.events}:
            return httpx.Response(400, json={"code": "invalid_request_parameters", "message": "…"})
        start, end = query.get("range_start", "0"), query.get("range_end", "9")
        return a_page(
            [one for one in self.events if one["event"] in kinds and start <= one["created_at"] < end], request
        )


def _one(things: list[dict[str, Any]], key: str) -> httpx.Response:
    found = [one for one in things if one["id"] == key]
    return httpx.Response(200, json=found[0]) if found else missing()
