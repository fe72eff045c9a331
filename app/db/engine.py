"""Engines: connections that have taken a runtime role and carry their timeouts."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, urlsplit

import asyncpg
from sqlalchemy import exc
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

Role = Literal["gw_app", "gw_worker", "gw_platform"]

if TYPE_CHECKING:
    DriverConnection = asyncpg.Connection[asyncpg.Record]
else:  # generic in its stubs only
    DriverConnection = asyncpg.Connection

# Set at connect: an ALTER ROLE ... SET is inert after SET ROLE (threats.md section 4.1).
_SETTINGS = {
    "statement_timeout": "5000",
    "lock_timeout": "2000",
    "idle_in_transaction_session_timeout": "10000",
    "application_name": "memberpulse-auth",
    "timezone": "UTC",
}
_CONNECT_SECONDS = 2.0
_COMMAND_SECONDS = 6.0


class RuntimeRoleTooPowerful(Exception):  # noqa: N818 -- named for what happened
    """The role a runtime connection ended up with sees through row-level security."""


def async_url(url: str) -> str:
    """Return the URL with the asyncpg driver, whatever dialect spelling the operator used."""
    parsed = make_url(url)
    return parsed.set(drivername="postgresql+asyncpg").render_as_string(hide_password=False)


def open_engine(url: str, role: Role, *, size: int = 8, wait: float = 2.0) -> AsyncEngine:
    """Return an engine whose connections run as `role`.

    Args:
        url: any PostgreSQL URL; its user must be a member of `role`.
        role: the runtime role, entered once per connection.
        size: connections kept; none beyond it.
        wait: seconds to wait for a connection before `exc.TimeoutError` (threats.md G4).
    """
    return create_async_engine(
        async_url(url),
        pool_size=size,
        max_overflow=0,
        pool_timeout=wait,
        pool_pre_ping=True,
        pool_recycle=1800,
        async_creator=connector(url, role),
    )


def connector(url: str, role: Role) -> Callable[[], Coroutine[Any, Any, DriverConnection]]:
    """Return a function that opens one asyncpg connection as `role`, timeouts set.

    Raises (when called):
        RuntimeRoleTooPowerful: the role is a superuser, bypasses row-level security or owns the tables.
    """
    arguments = connect_arguments(url)

    async def connect() -> DriverConnection:
        connection = await asyncpg.connect(**arguments)
        try:
            await take_role(connection, role)
        except BaseException:
            await connection.close(timeout=1)
            raise
        return connection

    return connect


def connect_arguments(url: str) -> dict[str, Any]:
    """Return what `asyncpg.connect` needs for this URL, with our timeouts."""
    parsed = make_url(url)
    query = {key: values[-1] for key, values in parse_qs(urlsplit(url).query).items()}
    return {
        "host": query.get("host") or parsed.host,
        "port": parsed.port or int(query.get("port", "5432")),
        "user": parsed.username,
        "password": parsed.password,
        "database": parsed.database,
        "ssl": query.get("ssl") or query.get("sslmode"),
        "timeout": _CONNECT_SECONDS,
        "command_timeout": _COMMAND_SECONDS,
        "server_settings": _SETTINGS,
    }


async def take_role(connection: DriverConnection, role: Role) -> None:
    """Enter the runtime role and make sure that it is weak enough (threats.md E6, section 4.3).

    Raises:
        RuntimeRoleTooPowerful: row-level security would not bind this connection.
    """
    await connection.execute(f"set role {role}")
    row = await connection.fetchrow(
        "select r.rolsuper or r.rolbypassrls as through, pg_has_role(current_user, 'gw_owner', 'usage') as owner"
        " from pg_roles r where r.rolname = current_user"
    )
    if row is None or row["through"] or row["owner"]:
        raise RuntimeRoleTooPowerful(f"{role} must be neither superuser, nor BYPASSRLS, nor a member of gw_owner")


# What a broken or missing server looks like; drivers let some of these through unwrapped (threats.md G7).
UNAVAILABLE: tuple[type[BaseException], ...] = (
    exc.TimeoutError,
    exc.OperationalError,
    exc.InterfaceError,
    asyncpg.exceptions.InterfaceError,
    asyncpg.exceptions.InternalClientError,
    asyncpg.exceptions.PostgresConnectionError,
    asyncpg.exceptions.OperatorInterventionError,
    asyncpg.exceptions.InsufficientResourcesError,
    asyncpg.exceptions.QueryCanceledError,
    asyncpg.exceptions.LockNotAvailableError,
    ConnectionError,
    TimeoutError,
    OSError,
)


def is_unavailable(error: BaseException) -> bool:
    """Return whether the error means that the database is away rather than that a statement is wrong."""
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or isinstance(error.orig, UNAVAILABLE) or _is_away(error.orig)
    return isinstance(error, UNAVAILABLE)


def _is_away(error: BaseException | None) -> bool:
    state = getattr(error, "sqlstate", None)
    return isinstance(state, str) and state[:2] in {"08", "53", "57", "58"}
