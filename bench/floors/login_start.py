"""GET /auth/sso: the one-time state is one durable insert."""

from collections.abc import Sequence

from bench.floors.batch import Batch
from bench.floors.ground import Ground
from bench.floors.lanes import prepared
from bench.floors.start import SSO_PATH, STORE, Flow, Redirect, instants
from bench.floors.wire import Door, Receive, Scope, Send, refuse
from bench.workload import Request, Visitor, Workload


def _requests(visitor: Visitor) -> list[Request]:
    return [Request("GET", f"{SSO_PATH}?organization={visitor.organization}")]


WORKLOAD = Workload("login-start", "login start", _requests, variants=("batched",))


async def open_doors(ground: Ground) -> dict[str, Door]:
    """Return the door, its statement prepared."""
    statements = await prepared(ground.database, STORE, 6)

    async def store(lane: int, flows: Sequence[Flow]) -> list[bool]:
        columns = zip(*(flow.row() for flow in flows), strict=True)
        stored = {row[0] for row in await statements[lane].fetch(*map(list, columns), *instants())}
        return [bool(stored)] * len(flows) if len(stored) == len(flows) else [False] * len(flows)

    flows = Batch(store) if ground.variant == "batched" else Batch(store, lanes=6, most=1)
    redirect = Redirect(ground)

    async def start(scope: Scope, _receive: Receive, send: Send) -> None:
        flow = Flow.of(scope)
        if await flows.ask(flow):
            await redirect.send(send, flow)
        else:
            await refuse(send, 404, b"organization_unknown")

    return {SSO_PATH: start}
