"""Doors of status: /healthz, /readyz."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel

from app.http.answers import json_answer
from app.http.handlers import to_response
from app.status.service import Readiness, report

router = APIRouter(tags=["status"])


class Live(BaseModel):
    """This process answers."""

    status: Literal["ok"]


class CheckShape(BaseModel):
    """One condition of readiness."""

    name: str
    ok: bool
    reason: str | None


class Ready(BaseModel):
    """Whether this process can do its work."""

    status: Literal["ready", "not_ready"]
    crypto_backend: str
    checks: list[CheckShape]


@router.get("/healthz", operation_id="readLiveness", summary="Is this process alive?", response_model=Live)
async def healthz() -> Response:
    """Answers as long as the process does; asks nothing of anybody."""
    return to_response(json_answer({"status": "ok"}))


@router.get(
    "/readyz",
    operation_id="readReadiness",
    summary="Can this process do its work?",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Not ready; each check says why."}},
)
async def readyz(request: Request) -> Response:
    """Answers 503 while the database is away, migrations are pending or the encryption keys are not proven."""
    readiness: Readiness = request.app.state.readiness
    status, content = report(await readiness.checks())
    return to_response(json_answer(content, status=status))
