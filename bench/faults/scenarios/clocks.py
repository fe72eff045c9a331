"""X-09: the API's and the worker's machines are ten minutes wrong, in opposite directions; deliveries' times vary."""

import base64
import json
import time
from collections.abc import Mapping

from bench.faults import inbox, mirror
from bench.faults.findings import Findings
from bench.faults.model import delivery_of
from bench.faults.scenario import Run, Scenario
from bench.faults.sender import Delivery
from bench.faults.stage import Set, Stage, a_stage
from bench.faults.visitor import Visitor, planted

_SKEW_S = 600.0
_TOLERANCE_S = 180
_NEAR = (-170, -30, 0, 30, 170)
_FAR = (-600, -190, 190, 600)


async def _wrong_clocks(run: Run) -> Findings:
    found = Findings()
    skew = _SKEW_S if run.seed % 2 else -_SKEW_S
    async with a_stage(run.server, run.seed, Set(api_skew=skew, worker_skew=-skew)) as stage:
        await inbox.settled(stage)
        await mirror.plant_sessions(stage)
        found.note("clocks apart, s", 2 * _SKEW_S)
        await _signatures(stage, found)
        await _sessions(stage, found)
        deliveries = stage.model.steps(run.sized(400))
        await stage.sender().send(deliveries)
        await inbox.polled_since(stage)
        await inbox.settled(stage)
        await inbox.check(stage, found, [each.event_id for each in deliveries])
        await mirror.check(stage, found, sessions=True)
    return found


async def _signatures(stage: Stage, found: Findings) -> None:
    """Deliveries of true times within the tolerance are taken, others are not."""
    refused, taken = list[str](), list[str]()
    for age in (*_NEAR, *_FAR):
        stage.twin.record_event("faults.clock", {})
        event = stage.twin.world.events.last(1)[0]
        sender = stage.sender(connections=1, retry=False)
        sent = await sender.send([Delivery(event.id, delivery_of(event).body, age)])
        await sender.close()
        if abs(age) < _TOLERANCE_S and not sent.statuses[200]:
            refused.append(f"{age} s: {sent.statuses}")
        if abs(age) > _TOLERANCE_S and not sent.statuses[401]:
            taken.append(f"{age} s: {sent.statuses}")
    stage.model.told()
    found.must_be_zero("deliveries refused wrongly", refused)
    found.must_be_zero("deliveries taken wrongly", taken)


async def _sessions(stage: Stage, found: Findings) -> None:
    """Sessions and tokens live by the database's time."""
    wrong: list[str] = []
    visitor = Visitor(stage, planted(stage))
    if not (await visitor.sign_in()).signed_in:
        wrong.append("a login failed")
    claims = _claims((await visitor.token()).json()["access_token"])
    found.note("a token's iat is wrong by, s", abs(float(str(claims["iat"])) - time.time()), at_most=3)
    for seconds, status in ((30, 200), (-1, 401)):
        where = (
            "where id = (select max(id::text)::uuid from sessions where ended_at is null and connection_id is not null)"
        )
        # No statement of the gateway's: its cached state is asked for again at once.
        await stage.sql(f"update sessions set expires_at = now() + make_interval(secs => {seconds}) {where}")  # noqa: S608
        answered = (await visitor.token()).status_code
        if answered != status:
            wrong.append(f"a session that ends in {seconds} s: {answered}")
    await visitor.close()
    found.must_be_zero("sessions judged wrongly", wrong)


def _claims(token: str) -> Mapping[str, object]:
    part = token.split(".")[1]
    claims: Mapping[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims


SCENARIOS = (Scenario("X-09", "clocks twenty minutes apart", _wrong_clocks),)
