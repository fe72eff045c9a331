"""What shall go wrong with webhooks, on demand: the things WorkOS's do by accident."""

from pydantic import BaseModel, ConfigDict, Field


class WebhookFaults(BaseModel):
    """The orders in force; all off at first.

    `duplicate` sends each delivery that many times more. `reorder` shuffles within windows of so many deliveries (one
    that does not fill goes out shortly after). `drop` loses this fraction, `drop_next` the next so many. `delay` waits
    so many seconds. `missign` signs the next so many attempts with a wrong secret. `stale` shifts timestamps into the
    past by so many seconds (negative: into the future), under a signature that is good. `hold` collects deliveries
    until they are released.
    """

    model_config = ConfigDict(extra="forbid")

    duplicate: int = Field(default=0, ge=0, le=1000)
    reorder: int = Field(default=0, ge=0)
    drop: float = Field(default=0, ge=0, le=1)
    drop_next: int = Field(default=0, ge=0)
    delay: float = Field(default=0, ge=0)
    missign: int = Field(default=0, ge=0)
    stale: float = 0
    hold: bool = False
