"""PortalCalls: links into WorkOS's Admin Portal."""

from app.kit import urls
from app.workos import shapes
from app.workos.asking import require_id
from app.workos.calls import Calls
from app.workos.errors import UpstreamInvalidResponse
from app.workos.gateway import PortalIntent
from app.workos.records import PortalLink


class PortalCalls:
    """The Admin Portal part of the port (see there), in the lane of what administrators ask."""

    def __init__(self, calls: Calls, *, secure: bool) -> None:
        """Take whether WorkOS itself is reached over TLS; only without it may a link lead to this machine by http."""
        self._calls = calls
        self._secure = secure

    async def link(
        self,
        organization: str,
        intent: PortalIntent,
        *,
        external_user_id: str,
        return_url: str | None,
        success_url: str | None,
    ) -> PortalLink:
        """Return a new link, asked for once: a second try could leave two that open the portal."""
        require_id(organization)
        body = {"organization": organization, "intent": intent, "external_user_id": external_user_id}
        given = {"return_url": return_url, "success_url": success_url}
        body |= {name: url for name, url in given.items() if url is not None}
        made = await self._calls.post("portal", "generate_link", body=body, read=shapes.portal_link)
        if not made.url.startswith("https://") and (self._secure or not urls.is_local_http(made.url)):
            raise UpstreamInvalidResponse("The answer's link is not https.")
        return made

    async def revoke(self, organization: str, *, external_user_id: str) -> None:
        """Void a person's links into an organization (https://workos.com/docs/reference/admin-portal)."""
        require_id(organization)
        body = {"organization": organization, "external_user_id": external_user_id}
        await self._calls.tell("portal", "revoke_link", body=body)
