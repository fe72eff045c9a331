"""How control routes reach the twin, and the base of their bodies."""

from typing import Annotated, cast

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict

from sandbox.controls import Controls


async def current_controls(request: Request) -> Controls:
    """Return the twin's controls."""
    return cast("Controls", request.app.state.controls)


TheControls = Annotated[Controls, Depends(current_controls)]


class Body(BaseModel):
    """A request body; a misspelt key is refused, so that a test does not believe it changed something."""

    model_config = ConfigDict(extra="forbid")
