"""Every models.py, imported so that Base.metadata is complete."""

from app.audit import models as audit
from app.clients import models as clients
from app.connections import models as connections
from app.db.base import Base
from app.directories import models as directories
from app.directories import sync_models as directory_syncs
from app.organizations import models as organizations
from app.portal import models as portal
from app.queue import models as queue
from app.sessions import models as sessions
from app.settings import models as settings
from app.sso import models as sso
from app.status import models as status
from app.users import models as users
from app.webhooks import models as webhooks

MODULES = (
    audit,
    clients,
    connections,
    directories,
    directory_syncs,
    organizations,
    portal,
    queue,
    sessions,
    settings,
    sso,
    status,
    users,
    webhooks,
)
metadata = Base.metadata
