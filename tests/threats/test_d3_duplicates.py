"""D3: the same delivery a hundred times at once is one row, one effect, one audit row."""

import asyncio

from tests.builders import Tenant
from tests.deliveries import Inbox, connection_event


async def test_d3_a_hundred_times_is_once(inbox: Inbox, tenant: Tenant) -> None:
    await inbox.work_off()
    event = connection_event(tenant, "connection.deactivated")
    answers = await asyncio.gather(*(inbox.deliver(event) for _ in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert await inbox.count(event["id"]) == 1
    assert await inbox.work_off() == 1
    assert (await inbox.deliver(event)).status_code == 200
    assert await inbox.work_off() == 0
    audited = await inbox.stage.sql(
        "select 1 from audit_events where organization_id = $1 and action = 'connection.changed'", tenant.id
    )
    assert len(audited) == 1
