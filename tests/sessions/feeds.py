"""The feed of revocations as a backend service reads it."""

from typing import Any

import httpx

from tests.gateway import SERVICE, Stage

PATH = "/auth/revocations"
Entry = dict[str, Any]


async def ask(stage: Stage, *, headers: dict[str, str] | None = None, **query: int) -> httpx.Response:
    """Return the answer to one question."""
    return await stage.browser().http.get(PATH, params=query, auth=SERVICE, headers=headers)


async def read(stage: Stage, after: int = 0, *, wait: int = 0) -> list[Entry]:
    """Return the entries of one answer."""
    answer = await ask(stage, after=after, wait=wait)
    assert answer.status_code == 200, answer.text
    entries: list[Entry] = answer.json()["data"]
    return entries


async def end_of(stage: Stage) -> int:
    """Return what to read on behind, once all that was done so far is there."""
    await stage.assembly.revocations.look()
    after, more = 0, True
    while more:
        said = (await ask(stage, after=after)).json()
        after, more = int(said["list_metadata"]["after"]), said["has_more"]
    return after


async def told(stage: Stage, after: int) -> list[tuple[str, str]]:
    """Return (type, value) of all that was done and has come behind `after`."""
    await stage.assembly.revocations.look()
    return [(entry["type"], entry["value"]) for entry in await read(stage, after)]
