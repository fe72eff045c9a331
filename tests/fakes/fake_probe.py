"""FakeProbe: the probe port in memory: fill in what WorkOS takes, and what it sends its events to."""

from dataclasses import dataclass, field

from app.workos.errors import UpstreamNotFound, UpstreamRefused
from app.workos.probe import RedirectVerdict
from app.workos.records import Connection, Page, WebhookEndpoint


@dataclass
class FakeProbe:
    """WorkOS, asked with `api_key` and `client_id`."""

    api_key: str
    client_id: str
    good_keys: set[str] = field(default_factory=set[str])
    good_client: str = "client_fake"
    redirect_uris: set[str] = field(default_factory=set[str])
    connections: dict[str, Connection] = field(default_factory=dict[str, Connection])
    endpoints: list[WebhookEndpoint] = field(default_factory=list[WebhookEndpoint])
    page_size: int = 100

    async def check_api_key(self) -> None:
        self._require_key()

    async def check_client(self) -> None:
        if self.api_key not in self.good_keys or self.client_id != self.good_client:
            raise UpstreamRefused(upstream_status=400, upstream_errors=("invalid_client",))

    async def check_redirect_uri(self, redirect_uri: str, /) -> RedirectVerdict:
        known = self.client_id == self.good_client and redirect_uri in self.redirect_uris
        return "accepted" if known else "refused"

    async def get_connection(self, connection: str, /) -> Connection:
        self._require_key()
        if connection not in self.connections:
            raise UpstreamNotFound
        return self.connections[connection]

    async def list_webhook_endpoints(self, *, after: str | None = None) -> Page[WebhookEndpoint]:
        self._require_key()
        start = next((number for number, one in enumerate(self.endpoints, 1) if one.id == after), 0)
        items = tuple(self.endpoints[start : start + self.page_size])
        return Page(items, items[-1].id if start + len(items) < len(self.endpoints) else None)

    def _require_key(self) -> None:
        if self.api_key not in self.good_keys:
            raise UpstreamRefused(upstream_status=401)
