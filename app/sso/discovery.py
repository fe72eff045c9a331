"""Discovery: how people of an e-mail domain sign in."""

from typing import Any
from urllib.parse import quote

from app.organizations.policy import domain_of
from app.runtime import Runtime
from app.sso.repository import LoginFlows

_NOTHING: dict[str, Any] = {"organization": None, "sso": "none", "start": None}


async def discover(runtime: Runtime, email: str) -> dict[str, Any]:
    """Return the organization's name, whether it signs in by SSO, and the path that starts it.

    Only the domain counts: a known and an unknown person of one domain get the same bytes (threats.md A24).
    """
    domain = domain_of(email)
    rows = await LoginFlows(runtime.lane).targets("domain", domain) if domain else None
    if not rows or len({row["organization_id"] for row in rows}) != 1:
        return _NOTHING
    first = rows[0]
    # Where it is required it stays so while no connection is active: else whoever switches one off at the identity
    # provider would open every other way in.
    usable = first["required"] or any(row["connection_state"] == "active" for row in rows)
    if not (usable and first["enabled"] and first["organization_state"] == "active"):
        return _NOTHING
    return {
        "organization": first["organization_name"],
        "sso": "required" if first["required"] else "available",
        "start": f"/auth/sso?domain={quote(str(domain), safe='')}",
    }
