"""A directory that WorkOS can read no more is noticed, though no event tells it; and looking changes nothing else."""

from typing import Any

import pytest

from app.directories import looking, service
from app.settings.gateway import SettingsGateway
from app.workos import records
from app.workos.records import Page
from tests.syncs import Directory, hired


async def state(directory: Directory) -> str:
    (row,) = await directory.tenant.stage.sql("select state from directories where workos_id = $1", directory.workos_id)
    return str(row["state"])


async def looked(directory: Directory) -> str:
    directory.tenant.stage.clock.advance(seconds=61)
    assert not await looking.look(directory.worker, directory.begin)
    return await state(directory)


@pytest.mark.parametrize("trouble", ["invalid_credentials", "validating"])
async def test_a_directory_that_cannot_be_read_is_noticed_and_its_return_too(
    directory: Directory, trouble: str
) -> None:
    directory.twin.change_directory(directory.workos_id, state=trouble)
    assert await looked(directory) == trouble
    directory.twin.change_directory(directory.workos_id, state="linked")
    assert await looked(directory) == "linked"
    told = await directory.tenant.stage.sql(
        "select metadata from audit_events where organization_id = $1 and action = 'directory.changed' order by id",
        directory.tenant.id,
    )
    assert [trouble in row["metadata"] for row in told[-2:]] == [True, False]


async def test_looking_again_writes_nothing(directory: Directory) -> None:
    directory.twin.change_directory(directory.workos_id, state="invalid_credentials")
    versions = "select xmin::text as v from directories where workos_id = $1"
    await looked(directory)
    before = await directory.tenant.stage.sql(versions, directory.workos_id)
    await looked(directory)
    assert await directory.tenant.stage.sql(versions, directory.workos_id) == before


@pytest.mark.parametrize("told", ["unlinked", "deleting"])
async def test_whether_it_is_linked_at_all_is_left_to_what_tells_it(directory: Directory, told: str) -> None:
    directory.twin.change_directory(directory.workos_id, state=told)
    assert await looked(directory) == "linked"


async def test_what_is_not_linked_is_not_linked_by_looking(directory: Directory) -> None:
    await directory.tenant.stage.sql(
        "update directories set state = 'deleted' where workos_id = $1", directory.workos_id
    )
    assert await looked(directory) == "deleted"


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 401},
        {"kind": "json", "body": {"object": "list", "data": [], "list_metadata": {"after": None}}},
        {"kind": "garbage"},
    ],
)
async def test_a_broken_or_an_empty_answer_changes_nothing(directory: Directory, fault: dict[str, Any]) -> None:
    directory.twin.change_directory(directory.workos_id, state="invalid_credentials")
    await looked(directory)
    directory.twin.change_directory(directory.workos_id, state="linked")
    directory.twin.add_fault("GET /directories", **fault)
    assert await looked(directory) == "invalid_credentials"


async def test_a_full_sync_notices_it_at_once(directory: Directory) -> None:
    await hired(directory, 2)
    await directory.work_off()
    directory.twin.change_directory(directory.workos_id, state="invalid_credentials")
    assert (await directory.synced())["status"] == "completed"
    assert await state(directory) == "invalid_credentials"


async def test_what_was_told_while_it_was_listed_stays(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.twin.change_directory(directory.workos_id, state="invalid_credentials")
    listing = SettingsGateway.list_all_directories

    async def slowly(self: SettingsGateway, *, after: str | None = None) -> Page[records.Directory]:
        page = await listing(self, after=after)
        directory.tenant.stage.clock.advance(seconds=1)
        async with directory.begin(directory.tenant.id) as uow:
            await service.note_state(uow, directory.workos_id, "validating", asked_at=uow.now)
        return page

    monkeypatch.setattr(SettingsGateway, "list_all_directories", slowly)
    assert await looked(directory) == "validating"


async def test_one_worker_looks_for_all(directory: Directory) -> None:
    await looked(directory)
    asked = len(directory.twin.hits("/directories", "GET"))
    for _ in range(3):
        await looking.look(directory.worker, directory.begin)
    assert len(directory.twin.hits("/directories", "GET")) == asked
