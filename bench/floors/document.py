"""Document: the session object of the contract, from one row of any statement that reads `COLUMNS`."""

from datetime import datetime

import asyncpg

COLUMNS = """
       s.id, s.user_id, s.organization_id, s.connection_id, s.auth_time, s.created_at, s.expires_at,
       s.last_seen_at + make_interval(secs => s.idle_seconds) as idle_expires_at,
       u.email, u.first_name, u.last_name, u.department, u.job_title, u.mapped_role, u.rights_version,
       o.workos_id, o.name
"""
USABLE = "coalesce(c.state, 'active') not in ('inactive', 'deleted')"
"""Of a connection `c`, joined from the left: break-glass sessions have none."""


def shown(row: asyncpg.Record) -> bytes:
    """Return the JSON of `GET /auth/session`, which is also the `session` of a token's answer."""
    email, first_name, last_name, department, job_title, role, _, workos_id, name = row[8:17]
    return (
        f'{{"user":{{"id":"{row[1]}","email":"{email}","first_name":"{first_name}","last_name":"{last_name}",'
        f'"department":"{department}","job_title":"{job_title}"}},"organization":{{"id":"{row[2]}",'
        f'"workos_id":"{workos_id}","name":"{name}"}},"roles":["{role}"],"permissions":[],"session":{{'
        f'"id":"{row[0]}","created_at":"{_wire(row[5])}","expires_at":"{_wire(row[6])}",'
        f'"idle_expires_at":"{_wire(row[7])}","auth_time":"{_wire(row[4])}","connection_id":"{row[3]}"}}}}'
    ).encode()


def _wire(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"
