"""Engines: connections that have taken a runtime role and carry their timeouts."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal, cast

import asyncpg
from sqlalchemy import event, exc
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

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
_DIALECT = "postgresql+asyncpg://"  # where to connect is decided by `connect_arguments`, and nowhere else
_CONNECT_SECONDS = 2.0
_COMMAND_SECONDS = 6.0
_PING_SECONDS = 2.0
# What of a URL's query libpq knows and asyncpg takes; anything else would be sent to the server as one of its settings.
_QUERY = frozenset({
    "host", "port", "user", "password", "passfile", "service", "target_session_attrs", "krbsrvname", "gsslib",
    "sslmode", "sslnegotiation", "sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl",
    "ssl_min_protocol_version", "ssl_max_protocol_version",
})  # fmt: skip
_READ_ONLY = "25006"


class RuntimeRoleTooPowerful(Exception):  # noqa: N818 -- named for what happened
    """The role a runtime connection ended up with sees through row-level security."""


class DatabaseUrlMalformed(Exception):  # noqa: N818 -- named for what happened
    """DATABASE_URL or MIGRATION_DATABASE_URL is no URL of a PostgreSQL database."""


def open_engine(url: str, role: Role, *, size: int = 8, wait: float = 2.0) -> AsyncEngine:
    """Return an engine whose connections run as `role`.

    Args:
        url: any PostgreSQL URL; its user must be a member of `role`.
        role: the runtime role, entered once per connection.
        size: connections kept; none beyond it.
        wait: seconds to wait for a connection before `exc.TimeoutError` (threats.md G4).
    """
    engine = create_async_engine(
        _DIALECT,
        hide_parameters=True,  # an error's text is logged, and the values are people's
        pool_size=size,
        max_overflow=0,
        pool_timeout=wait,
        pool_recycle=1800,
        async_creator=connector(url, role),
    )
    event.listen(engine.sync_engine, "checkout", _ping)
    event.listen(engine.sync_engine, "handle_error", _leave)
    return engine


def open_owner_engine(url: str) -> AsyncEngine:
    """Return an engine for migrations: the URL's own user, no time limits, no connection kept."""

    async def connect() -> DriverConnection:
        return await asyncpg.connect(**owner_arguments(url))

    return create_async_engine(_DIALECT, poolclass=NullPool, async_creator=connect)


def _ping(connection: Any, entry: ConnectionPoolEntry, _handed_out: object) -> None:  # noqa: ANN401 -- SQLAlchemy's own
    """Hand a connection out again only where its server is heard.

    Not by `pool_pre_ping`: that takes three round trips, and waits for a silent server as long as a statement may.
    """
    if entry.info.setdefault("is_new", True):  # forgotten with its connection
        entry.info["is_new"] = False
        return
    try:
        connection.run_async(_answer)
    except Exception as silent:
        raise exc.InvalidatePoolError from silent


async def _answer(connection: DriverConnection) -> None:
    try:
        await connection.execute("select 1", timeout=_PING_SECONDS)
    except Exception:
        connection.terminate()  # a goodbye would wait for a server that is away
        raise


def _leave(context: ExceptionContext) -> None:
    """A server that became read-only is a former primary, and one that does not answer is away.

    Neither's connections must be handed out again; nor must whoever waited for it wait until it confirms that it has
    given up.
    """
    if getattr(context.original_exception, "sqlstate", None) == _READ_ONLY:
        context.is_disconnect = True
    if isinstance(context.original_exception, TimeoutError) and context.connection is not None:
        context.is_disconnect = True
        cast("Any", context.connection.connection.driver_connection).terminate()


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
    """Return what `asyncpg.connect` needs for this URL, with our timeouts.

    Raises:
        DatabaseUrlMalformed: it is none.
    """
    return {
        "dsn": _dsn(url),
        "timeout": _CONNECT_SECONDS,
        "command_timeout": _COMMAND_SECONDS,
        "server_settings": _SETTINGS,
    }


def owner_arguments(url: str) -> dict[str, Any]:
    """Return the same without limits on statements: a migration may take longer than any request."""
    settings = {"statement_timeout": "0", "lock_timeout": "0", "application_name": "memberpulse-migrate"}
    return {"dsn": _dsn(url), "timeout": _CONNECT_SECONDS, "server_settings": settings}


def _dsn(url: str) -> str:
    """Return the URL as asyncpg reads it, whatever dialect spelling and parameters the operator used."""
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):
        parsed = None  # not chained: the message would quote the password
    if parsed is None or not parsed.drivername.startswith("postgres"):
        raise DatabaseUrlMalformed("DATABASE_URL must read postgresql://user@host:5432/database.")
    query = {name: value for name, value in parsed.query.items() if name in _QUERY}
    if "ssl" in parsed.query:  # SQLAlchemy's name for it
        query.setdefault("sslmode", parsed.query["ssl"])
    return parsed.set(drivername="postgresql", query=query).render_as_string(hide_password=False)


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
    asyncpg.exceptions.TransactionRollbackError,
    asyncpg.exceptions.ReadOnlySQLTransactionError,
    ConnectionError,
    TimeoutError,
    OSError,
)


def is_unprepared(error: BaseException) -> bool:
    """Return whether the database was not, or half, migrated: no such table, column, function or role, no right."""
    return _state(error) in {"42P01", "42703", "42883", "42501", "22023"}


def _is_refused(error: BaseException) -> bool:
    """Return whether the server does not know this user, password or database (SQLSTATE classes 28 and 3D)."""
    return _state(error)[:2] in {"28", "3D"}


def is_contended(error: BaseException) -> bool:
    """Return whether somebody else held what was needed: the same again, a little later, may succeed."""
    return _state(error) in {"55P03", "40P01", "40001"}


def has_no_room(error: BaseException) -> bool:
    """Return whether the disk is full: nothing that is written succeeds until somebody makes room."""
    return _state(error) == "53100"


def is_unavailable(error: BaseException) -> bool:
    """Return whether the error means that the database is away rather than that a statement is wrong."""
    wrapped = isinstance(error, exc.DBAPIError)
    if wrapped and error.connection_invalidated:
        return True
    # The driver's own error is the cause of SQLAlchemy's: some of its classes have no likeness there.
    said = error.orig if wrapped else error
    if isinstance(said, UNAVAILABLE) or isinstance(getattr(said, "__cause__", None), UNAVAILABLE):
        return True
    return wrapped and (_state(error)[:2] in {"08", "53", "57", "58"} or _state(error) == _READ_ONLY)


def remedy(error: Exception) -> str | None:
    """Return the sentence that tells an operator what to do about the database's error; None where it is another's."""
    if is_unprepared(error):
        return "The database is not migrated: run `memberpulse-auth migrate` first."
    if _is_refused(error):
        return "The database refused the connection: check user, password and database name in DATABASE_URL."
    if is_unavailable(error):
        return f"The database does not answer ({type(error).__name__}): check DATABASE_URL and the server."
    return None


def _state(error: BaseException) -> str:
    """Return the SQLSTATE of a driver's error, wrapped by SQLAlchemy or not; "" where there is none."""
    return str(getattr(error.orig if isinstance(error, exc.DBAPIError) else error, "sqlstate", None) or "")
