"""Control routes over trouble and evidence: faults, hits, the public port's doors."""

from typing import Any

from fastapi import APIRouter, Response

from sandbox.control_access import Body, TheControls
from sandbox.faults import Fault

router = APIRouter(tags=["faults and hits"])


class ListeningBody(Body):
    """Whether the public port accepts connections."""

    accept: bool


@router.post("/faults", status_code=201)
async def add_fault(controls: TheControls, fault: Fault) -> Fault:
    """Let a route go wrong."""
    return controls.add_fault(**fault.model_dump(exclude_unset=True, exclude={"id"}))


@router.get("/faults")
async def list_faults(controls: TheControls) -> list[Fault]:
    """The orders in force."""
    return controls.faults


@router.delete("/faults", status_code=204)
async def clear_faults(controls: TheControls) -> Response:
    """Remove all orders."""
    controls.clear_faults()
    return Response(status_code=204)


@router.delete("/faults/{fault_id}", status_code=204)
async def remove_fault(controls: TheControls, fault_id: int) -> Response:
    """Remove one order."""
    controls.remove_fault(fault_id)
    return Response(status_code=204)


@router.get("/hits")
async def list_hits(controls: TheControls, path: str | None = None, method: str | None = None) -> dict[str, Any]:
    """What reached the public port, oldest first."""
    hits = controls.hits(path, method)
    return {"count": len(hits), "data": [hit.shape() for hit in hits]}


@router.delete("/hits", status_code=204)
async def clear_hits(controls: TheControls) -> Response:
    """Forget the hits."""
    controls.clear_hits()
    return Response(status_code=204)


@router.put("/listening", status_code=204)
async def listening(controls: TheControls, body: ListeningBody) -> Response:
    """Close or open the public port: closed, connections are refused as when WorkOS is down."""
    await (controls.accept_connections() if body.accept else controls.refuse_connections())
    return Response(status_code=204)
