"""E8: a run that would take access from many, or from the last administrator, waits for a person's yes."""

from tests.syncs import Directory, hired


async def test_e8_a_mass_deactivation_waits_for_a_yes(directory: Directory) -> None:
    """Threats E8: nobody loses access until a person has confirmed exactly that."""
    people = await hired(directory, 30)
    await directory.work_off()
    for person in people[10:]:
        directory.twin.change_person(person, directory=None)
    run = await directory.synced()
    assert (run["status"], run["error_code"]) == ("needs_confirmation", "sync_needs_confirmation")
    assert all(state == "active" for state, _, _ in (await directory.people()).values())
    run = await directory.confirmed(run["id"])
    assert run["status"] == "completed", run["error"]
    states = [state for state, _, _ in (await directory.people()).values()]
    assert (states.count("active"), states.count("deactivated")) == (10, 20)


async def test_e8_the_last_administrator_is_not_lost_by_a_listing(directory: Directory) -> None:
    people = await hired(directory, 5)
    await directory.work_off()
    directory.twin.change_person(people[0], directory=None)
    assert (await directory.synced())["status"] == "needs_confirmation"
