"""InForce: the WorkOS settings that count in this process, replaced whole when they change."""

from dataclasses import dataclass, field

from app.kit import urls


@dataclass(frozen=True, slots=True)
class Values:
    """What counts at one moment. Its `repr` shows no secret.

    `api_keys`: the one that WorkOS is asked with, then the one that is staged to take its place; none when it is not
    set or cannot be opened. `webhook_secrets`: whatever one of them has signed is WorkOS's. `broken`: names of secrets
    that are stored but cannot be opened.
    """

    redirect_uri: str
    client_id: str | None = None
    api_keys: tuple[str, ...] = field(default=(), repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    broken: frozenset[str] = frozenset()

    @property
    def home(self) -> str:
        """The origin where cookies live: the redirect URI's, because the callback sets the session there."""
        return urls.origin(self.redirect_uri)


class InForce:
    """Holds the values in force. Read `now` once per request, so that one request sees one set of them."""

    __slots__ = ("now",)

    def __init__(self, values: Values) -> None:
        self.now = values

    def swap(self, values: Values) -> bool:
        """Put `values` in force; return whether that changed anything."""
        changed = values != self.now
        self.now = values
        return changed
