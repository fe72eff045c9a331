"""Job name -> handler, in one visible dict; periodic jobs with their interval."""

from datetime import timedelta

from app.directories import jobs as directories
from app.queue.periodic import Periodic
from app.runtime import Runtime
from app.sessions import jobs as sessions
from app.sso import jobs as sso
from app.uow import UnitOfWork
from app.webhooks import jobs as webhooks


def periodic(runtime: Runtime) -> dict[str, Periodic[UnitOfWork]]:
    """Return the periodic jobs; each gets a unit of the nil organization and commits with it."""

    async def rotate_keys(uow: UnitOfWork) -> None:
        await sessions.rotate_keys(uow, runtime.sealer)

    return {
        "sessions.rotate_keys": Periodic(timedelta(minutes=5), rotate_keys),
        "sessions.purge": Periodic(timedelta(minutes=10), sessions.purge),
        "directories.queue_due": Periodic(timedelta(seconds=30), directories.queue_due),
        "directories.show": Periodic(timedelta(seconds=5), directories.show),
        "directories.purge": Periodic(timedelta(minutes=10), directories.purge),
        "webhooks.tidy": Periodic(timedelta(minutes=1), webhooks.tidy),
        "sso.purge_flows": Periodic(timedelta(seconds=30), sso.purge),
        "sso.purge_traces": Periodic(timedelta(minutes=10), sso.purge_traces),
    }
