"""D7: while one secret replaces the other both are good; afterwards only the new one is."""

from pydantic import SecretStr

from tests.deliveries import Inbox, an_event
from tests.gateway import Stage, a_stage

OLD, NEW = "the-old-secret-0123456789", "the-new-secret-0123456789"


async def test_d7_both_secrets_while_both_are_set(running_stage: Stage) -> None:
    expected = {f"{OLD}, {NEW}": (200, 200), NEW: (401, 200)}
    for setting, (old, new) in expected.items():
        config = running_stage.config.model_copy(update={"workos_webhook_secret": SecretStr(setting)})
        async with a_stage(config, running_stage.database, running_stage.twin, running_stage.clock) as stage:
            box = Inbox(stage, begin=None)  # type: ignore[arg-type]  # nothing is worked off here
            assert (await box.deliver(an_event(), secret=OLD)).status_code == old
            assert (await box.deliver(an_event(), secret=NEW)).status_code == new
