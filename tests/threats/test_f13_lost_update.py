"""F13: of two changes that were made from the same version one is saved and the other one hears of it."""

import asyncio

from tests.settings.bench import NEW_KEY, OLD_KEY, PATH, Bench

ONE, TWO = "the-first-webhook-secret", "the-second-webhook-secret"


async def test_f13_two_changes_of_one_version(bench: Bench) -> None:
    for version in (0, 1, 2):
        tag = {"If-Match": f'"{version}"'}
        answers = await asyncio.gather(
            bench.patch(tag, webhook_secrets=[ONE]), bench.patch(tag, api_key=OLD_KEY), return_exceptions=False
        )
        assert sorted(answer.status_code for answer in answers) == [200, 412]
        (refused,) = [answer for answer in answers if answer.status_code == 412]
        assert refused.json()["code"] == "version_outdated"
        assert (await bench.read())["version"] == version + 1
    assert len(await bench.audited()) == 3


async def test_f13_twenty_changes_of_one_version(bench: Bench) -> None:
    headers = {**await bench.admin.bearer(), "If-Match": '"0"'}
    answers = await asyncio.gather(
        *(
            bench.admin.http.patch(PATH, headers=headers, json={"webhook_secrets": [f"the-secret-number-{number:03d}"]})
            for number in range(20)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 19
    (saved,) = [answer for answer in answers if answer.status_code == 200]
    shown = await bench.read()
    assert shown["webhook_secrets"] == saved.json()["webhook_secrets"]
    assert len(await bench.audited()) == 1


async def test_f13_an_old_version_is_refused_before_workos_is_asked(bench: Bench) -> None:
    assert (await bench.patch(webhook_secrets=[ONE])).headers["etag"] == '"1"'
    bench.twin.clear_hits()
    answer = await bench.patch({"If-Match": '"0"'}, api_key=OLD_KEY)
    assert answer.status_code == 412
    assert bench.twin.hits() == []
    assert (await bench.patch({"If-Match": '"1"'}, webhook_secrets=[TWO])).status_code == 200


async def test_f13_a_change_that_names_no_version_undoes_no_other(bench: Bench) -> None:
    """It is verified again with what the other one has saved."""
    bench.twin.world.credentials.api_keys.append(NEW_KEY)
    answers = await asyncio.gather(bench.patch(api_key=NEW_KEY), bench.patch(webhook_secrets=[ONE]))
    assert [answer.status_code for answer in answers] == [200, 200]
    shown = await bench.read()
    assert (shown["version"], shown["api_key"]["last_four"]) == (2, NEW_KEY[-4:])
    assert shown["webhook_secrets"][0]["source"] == "platform"


async def test_f13_a_step_of_a_rotation_is_a_change_too(bench: Bench) -> None:
    headers = {**await bench.admin.bearer(), "If-Match": '"0"'}
    body = {"secret": "webhook_secret", "step": "stage", "value": ONE}
    answers = await asyncio.gather(
        bench.admin.http.post(f"{PATH}/rotate", headers=headers, json=body),
        bench.admin.http.patch(PATH, headers=headers, json={"webhook_secrets": [TWO]}),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
