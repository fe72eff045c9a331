"""Worker in: revoke links at WorkOS; forget old visits."""

from contextlib import suppress

from app.audit import service as audit
from app.portal import service
from app.queue import outbox
from app.queue.outbox import Job
from app.runtime import Runtime
from app.uow import Begin, UnitOfWork
from app.workos.errors import UpstreamNotFound


async def revoke_links(runtime: Runtime, begin: Begin, job: Job) -> None:
    """Void a person's links into an organization, and the visits that began with them. Doing it twice does no harm.

    Raises:
        UpstreamUnavailable, UpstreamRefused, UpstreamInvalidResponse, SettingsIncomplete: it is not done yet.
    """
    user, organization = job.payload["user"], job.payload["organization"]
    with suppress(UpstreamNotFound):  # the organization is gone at WorkOS, and so are its links
        await runtime.workos.revoke_portal_links(organization=organization, external_user_id=user)
    async with begin(job.organization_id) as uow:
        if await outbox.finish(uow, job):
            targets = [("user", user), ("organization", organization)]
            await audit.record(uow, "portal.links.revoked", targets=targets)


async def purge(uow: UnitOfWork) -> None:
    """Forget old visits."""
    await service.purge_old(uow)
