"""The port by which settings are tried before they count: what WorkOS says to a key, a client id, an address."""

from collections.abc import Callable
from typing import Literal, Protocol

from app.workos.records import Connection, Page, WebhookEndpoint

RedirectVerdict = Literal["accepted", "refused", "unknown"]
"""What WorkOS makes of a redirect URI; `unknown` where its answer does not tell."""


class WorkOSProbe(Protocol):
    """WorkOS, asked with one API key and one client id that need not be the ones in force.

    Every method raises `UpstreamUnavailable` and `UpstreamInvalidResponse` where WorkOS cannot be asked, as the
    methods of `WorkOSSource` do.
    """

    async def check_api_key(self) -> None:
        """Return where WorkOS takes the API key. Raises `UpstreamRefused` where it does not."""
        ...

    async def check_client(self) -> None:
        """Return where the client id and the API key belong together (RFC 6749 section 5.2).

        A code that nobody was given is redeemed: WorkOS names `invalid_client` before it looks at the code. Raises
        `UpstreamRefused` where they do not.
        """
        ...

    async def check_redirect_uri(self, redirect_uri: str, /) -> RedirectVerdict:
        """Return whether sign-ins of this client may come back to this address; nothing secret is sent."""
        ...

    async def get_connection(self, connection: str, /) -> Connection:
        """Return the connection with this WorkOS id. Raises `UpstreamNotFound`."""
        ...

    async def list_webhook_endpoints(self, *, after: str | None = None) -> Page[WebhookEndpoint]:
        """Return one page (up to 100) of webhook endpoints (workos.com/docs/reference/webhooks).

        Raises `UpstreamRefused` and `UpstreamNotFound` where WorkOS does not tell this key.
        """
        ...


ProbeOf = Callable[[str, str], WorkOSProbe]
"""Opens a probe for an API key and a client id ("" where there is none yet); nothing is to be closed afterwards."""
