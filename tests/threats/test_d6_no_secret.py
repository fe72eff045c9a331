"""D6: without a webhook secret nothing can be proven, so nothing is taken; an empty key signs nothing."""

import json
from collections.abc import AsyncGenerator

import pytest
from pydantic import SecretStr

from app.workos.signatures import signed_at
from tests.deliveries import Inbox, an_event, signature
from tests.gateway import Stage, a_stage


@pytest.fixture(params=[None, "", " , "])
async def unset(running_stage: Stage, request: pytest.FixtureRequest) -> AsyncGenerator[Inbox]:
    config = running_stage.config.model_copy(update={"workos_webhook_secret": _secret(request.param)})
    async with a_stage(config, running_stage.database, running_stage.twin, running_stage.clock) as stage:
        yield Inbox(stage, begin=None)  # type: ignore[arg-type]  # nothing is worked off here


def _secret(text: str | None) -> SecretStr | None:
    return None if text is None else SecretStr(text)


@pytest.mark.parametrize("secret", ["", " ", "a-webhook-secret-of-the-tests"])
async def test_d6_nothing_is_taken(unset: Inbox, secret: str) -> None:
    event = an_event()
    answer = await unset.deliver(event, secret=secret)
    assert (answer.status_code, answer.json()["code"]) == (503, "settings_incomplete")
    assert "WORKOS_WEBHOOK_SECRET" in answer.json()["detail"]
    assert await unset.count(event["id"]) == 0
    assert (await unset.stage.browser().http.get("/readyz")).status_code == 200


async def test_d6_an_empty_key_signs_nothing(inbox: Inbox) -> None:
    body = json.dumps(an_event()).encode()
    header = signature(body, inbox.stage.clock.now(), "")
    assert signed_at(header, body, ["", ""]) is None
    assert (await inbox.send(body, header)).status_code == 401
