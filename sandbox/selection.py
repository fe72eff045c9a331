"""Which connection an authorization request means, or which callback error it earns."""

from collections.abc import Mapping

from sandbox.records import Connection
from sandbox.state import World

SELECTORS = ("connection", "organization", "provider")
USABLE = frozenset({"active", "validating"})


class NoConnection(Exception):  # noqa: N818 - named for what happened
    """The selector leads to no usable connection; carries the callback error and the connection, if one was named."""

    def __init__(self, error: str, connection: Connection | None = None) -> None:
        super().__init__(error)
        self.error = error
        self.connection = connection


def select(world: World, query: Mapping[str, str]) -> Connection:
    """Return the connection of exactly one of `connection`, `organization`, `provider`. Raises `NoConnection`."""
    if query.get("domain"):
        raise NoConnection("domain_connection_selector_not_allowed")
    given = [name for name in SELECTORS if query.get(name)]
    if len(given) != 1:
        raise NoConnection("invalid_connection_selector")
    selector, value = given[0], query[given[0]]
    if selector == "connection":
        return _by_id(world, value)
    return _by_organization(world, value) if selector == "organization" else _by_provider(world, value)


def _by_id(world: World, connection_id: str) -> Connection:
    connection = world.connections.get(connection_id)
    if connection is None:
        raise NoConnection("connection_invalid")
    if connection.state == "inactive":
        raise NoConnection("connection_unlinked", connection)
    if connection.state not in USABLE:
        raise NoConnection("connection_invalid", connection)
    return connection


def _by_organization(world: World, organization_id: str) -> Connection:
    if organization_id not in world.organizations:
        raise NoConnection("organization_invalid")
    every = [c for c in world.connections.values() if c.organization_id == organization_id]
    usable = [c for c in every if c.state in USABLE]
    if len(usable) > 1:
        raise NoConnection("ambiguous_connection_selector")
    if not usable:
        raise NoConnection("connection_unlinked" if every else "organization_invalid", next(iter(every), None))
    return usable[0]


def _by_provider(world: World, provider: str) -> Connection:
    usable = [c for c in world.connections.values() if c.type == provider and c.state in USABLE]
    if len(usable) > 1:
        raise NoConnection("connection_strategy_invalid")
    if not usable:
        raise NoConnection("connection_invalid")
    return usable[0]
