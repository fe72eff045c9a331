"""Importing directories: WorkOS's two vocabularies in one of ours, and a word nobody knows breaks nothing."""

import pytest

from app.directories import service as directories
from tests.builders import Tenant
from tests.fakes.fake_workos import a_directory

STATES = {
    "linked": "linked",
    "active": "linked",
    "validating": "validating",
    "invalid_credentials": "invalid_credentials",
    "unlinked": "unlinked",
    "inactive": "unlinked",
    "deleting": "deleting",
    "quantum": "unlinked",
}


async def imported(tenant: Tenant, *states: str) -> dict[str, str]:
    """Import a directory in each of these states; return what is kept, by the state it came with."""
    listed = [a_directory(id=f"directory_{state}", name=state, state=state) for state in states]
    async with tenant.stage.unit(tenant.id) as uow:
        assert {each.id for each in listed} <= set(await directories.import_all(uow, listed))
    rows = await tenant.stage.sql("select name, state from directories where organization_id = $1", tenant.id)
    return {row["name"]: row["state"] for row in rows}


async def test_every_word_has_one_of_ours(tenant: Tenant) -> None:
    assert await imported(tenant, *STATES) == STATES


@pytest.mark.parametrize("left", [(), ("linked",)])
async def test_what_is_not_listed_is_deleted(left: tuple[str, ...], tenant: Tenant) -> None:
    await imported(tenant, "linked", "validating")
    kept = await imported(tenant, *left)
    assert kept == {"linked": "linked" if left else "deleted", "validating": "deleted"}
