"""E15: of ten requests at once for a sync of one directory one is taken; the others name it."""

import asyncio

from tests.syncs import Directory, hired


async def test_e15_ten_requests_make_one_run(directory: Directory) -> None:
    browser = await directory.tenant.signed_in()  # the directory, once read, would not know her
    await hired(directory, 3)
    for number in range(4):  # each group's members are a call of their own
        directory.twin.add_group(directory.tenant.workos_id, f"Club {number}", directory=directory.workos_id)
    await directory.work_off()
    path = f"/api/directories/{directory.workos_id}/sync"
    answers = await asyncio.gather(*(browser.api("POST", path) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [202, *[409] * 9]
    (taken,) = [answer.json()["id"] for answer in answers if answer.status_code == 202]
    assert {answer.json()["run_id"] for answer in answers if answer.status_code == 409} == {taken}
    directory.twin.clear_hits()
    await asyncio.gather(directory.work_off(), directory.work_off())
    assert (await directory.run(taken))["status"] == "completed"
    assert len(directory.twin.hits("/directory_groups")) == 1, "two workers, one of them reads"
    calls = [hit.at for hit in directory.twin.hits("/directory_users")]
    assert len(calls) > 5
    # The fifth comes a second after the first, and more: what travels between takes a little longer now and then.
    assert all(later - first > 0.95 for first, later in zip(calls, calls[4:], strict=False))
